import Foundation
import HTTP

/// Two authorities and what they certified, made once a run with the `openssl` program.
struct Certificates: Sendable {
  let authorityPEM: String
  let strangeAuthorityPEM: String
  /// For 127.0.0.1, by the authority.
  let server: HTTPServerConfiguration.TLS
  /// For 127.0.0.1, by the other authority.
  let stranger: HTTPServerConfiguration.TLS
  /// For another host, by the authority.
  let otherHost: HTTPServerConfiguration.TLS

  /// nil, with a notice, where there is no `openssl`.
  static let shared: Certificates? = {
    do {
      return try Certificates()
    } catch {
      print("notice: TLS tests are skipped: \(error)")
      return nil
    }
  }()

  private init() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("http-tests-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
      do { try FileManager.default.removeItem(at: folder) } catch { print("notice: \(error)") }
    }
    let authority = try Authority(name: "one", folder: folder)
    let strange = try Authority(name: "two", folder: folder)
    authorityPEM = try authority.pem()
    strangeAuthorityPEM = try strange.pem()
    server = try authority.certify("IP:127.0.0.1", name: "server")
    stranger = try strange.certify("IP:127.0.0.1", name: "stranger")
    otherHost = try authority.certify("DNS:elsewhere.example", name: "other")
  }
}

private struct Authority {
  let name: String
  let folder: URL

  init(name: String, folder: URL) throws {
    self.name = name
    self.folder = folder
    try run(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=\(name)"
        + " -keyout \(name).key -out \(name).pem", in: folder)
  }

  func pem() throws -> String { try text("\(name).pem", in: folder) }

  func certify(_ subject: String, name leaf: String) throws -> HTTPServerConfiguration.TLS {
    try run(
      "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=\(leaf)"
        + " -keyout \(leaf).key -out \(leaf).csr", in: folder)
    let extensions = folder.appendingPathComponent("\(leaf).ext")
    try "subjectAltName=\(subject)\n".write(to: extensions, atomically: true, encoding: .utf8)
    try run(
      "x509 -req -in \(leaf).csr -CA \(name).pem -CAkey \(name).key -CAcreateserial -days 2"
        + " -extfile \(leaf).ext -out \(leaf).pem", in: folder)
    return HTTPServerConfiguration.TLS(
      certificatePEM: try text("\(leaf).pem", in: folder),
      keyPEM: try text("\(leaf).key", in: folder))
  }
}

private struct ProgramFailure: Error {
  let status: Int32
}

private func text(_ name: String, in folder: URL) throws -> String {
  try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
}

private func run(_ arguments: String, in folder: URL) throws {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
  process.currentDirectoryURL = folder
  process.standardError = FileHandle.nullDevice
  process.standardOutput = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw ProgramFailure(status: process.terminationStatus)
  }
}

import Foundation
import Terminal

/// A server and a client's devices, all real programs, on the disk that is measured and over HTTP.
final class VaultStage {
  private let satchel: Program
  private let folder: String
  private var server: Process?
  private var homes: [String] = []
  private let url: String

  /// A server, an administrator, and a client with a first device.
  init(in folder: String, deviceCount: Int = 1) throws {
    self.folder = folder
    satchel = try Program.built("satchel")
    let program = try Program.built("satchel-server")
    let password = "\(folder)/password"
    guard
      FileManager.default.createFile(
        atPath: password, contents: Data("a password of the benchmark".utf8),
        attributes: [.posixPermissions: 0o600])
    else { throw Failure("\(password) cannot be written") }
    let token = try program.run(["init", "--data", "\(folder)/server"]).trimmed
    server = try program.start(
      [
        "serve", "--data", "\(folder)/server", "--listen", "127.0.0.1:0", "--port-file",
        "\(folder)/port",
      ], log: "\(folder)/server.log")
    url = "http://127.0.0.1:" + (try Waiting.text(of: "\(folder)/port"))
    try join("admin", ["--invite", token, "--name", "Ada"])
    try run("admin", ["org", "create", "Clinic"])
    let invitation = try run("admin", ["invite", "--role", "client", "--name", "Ann"]).trimmed
    try join("0", ["--invite", invitation, "--name", "Ann"])
    for number in 1..<max(1, deviceCount) { try enrol("\(number)") }
  }

  deinit {
    for home in homes {
      do { try run(home, ["lock"]) } catch { continue }
    }
    server?.terminate()
    server?.waitUntilExit()
  }

  private var password: String { "\(folder)/password" }

  private func join(_ home: String, _ how: [String]) throws {
    homes.append(home)
    try run(home, ["init", "--server", url, "--password-file", password] + how)
    try run(home, ["unlock", "--for", "5h", "--password-file", password])
  }

  private func enrol(_ home: String) throws {
    let token = try run("0", ["device", "add"]).trimmed
    homes.append(home)
    try run(
      home,
      ["init", "--server", url, "--join", token, "--no-wait", "--password-file", password])
    let shown = try run("0", ["device", "approve"])
    guard let code = shown.firstMatch(of: /short code: ([0-9]+)/)?.1 else {
      throw Failure("no device asks to join")
    }
    try run("0", ["device", "approve", "--code", String(code)])
    try run(home, ["sync", "--password-file", password])
    try run(home, ["unlock", "--for", "5h", "--password-file", password])
  }

  /// Runs `satchel` on a device.
  @discardableResult
  func run(_ home: String, _ arguments: [String]) throws -> String {
    try satchel.run(arguments + ["--home", "\(folder)/home-\(home)"])
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }
}

/// Waits for what a program that was started says.
enum Waiting {
  static func text(of path: String) throws -> String {
    for _ in 0..<1000 {
      if let data = FileManager.default.contents(atPath: path), !data.isEmpty {
        return String(decoding: data, as: UTF8.self).trimmed
      }
      usleep(20_000)
    }
    throw Failure("\(path) did not come")
  }

  /// Until a server takes connections.
  static func port(_ port: UInt16) throws {
    for _ in 0..<1000 {
      if try canConnect(port) { return }
      usleep(20_000)
    }
    throw Failure("nothing serves on port \(port)")
  }

  /// A port that the kernel finds free now, for programs that cannot ask for one themselves.
  static func freePort() throws -> UInt16 {
    try withSocket(port: 0) { descriptor, address in
      var byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
      guard bind(descriptor, address, byteCount) == 0,
        getsockname(descriptor, address, &byteCount) == 0
      else { throw Failure("no port is free") }
      return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        UInt16(bigEndian: $0.pointee.sin_port)
      }
    }
  }

  private static func canConnect(_ port: UInt16) throws -> Bool {
    try withSocket(port: port) { descriptor, address in
      connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }

  /// A TCP socket, and an address on loopback.
  private static func withSocket<Result>(
    port: UInt16, _ body: (Int32, UnsafeMutablePointer<sockaddr>) throws -> Result
  ) throws -> Result {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure("no socket can be made") }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return try withUnsafeMutablePointer(to: &address) {
      try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body(descriptor, $0) }
    }
  }
}

extension String {
  var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}

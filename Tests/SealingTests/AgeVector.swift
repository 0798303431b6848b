import Foundation
import Signing
import TestSupport
import Testing

@testable import Sealing

/// One vector of the age test kit: a header of `key: value` lines, an empty line, the age file.
struct AgeVector: CustomTestStringConvertible {
  let name: String
  let fields: [(key: String, value: String)]
  private let body: [UInt8]

  var testDescription: String { name }

  /// All of them, or none where they are absent.
  static let all: [AgeVector] = {
    let folder = Vectors.root.appending(path: "age")
    guard let names = FileManager.default.enumerator(atPath: folder.path) else { return [] }
    return names.compactMap { $0 as? String }.sorted().compactMap { AgeVector(named: $0) }
  }()

  private init?(named name: String) {
    guard let bytes = FileManager.default.contents(atPath: Vectors.root.path + "/age/" + name),
      let end = bytes.firstRange(of: Data("\n\n".utf8))
    else { return nil }
    self.name = name
    fields = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\n")
      .map { line in
        let parts = line.split(separator: ":", maxSplits: 1)
        return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
      }
    body = Array(bytes[end.upperBound...])
  }

  func values(_ key: String) -> [String] {
    fields.filter { $0.key == key }.map(\.value)
  }

  func value(_ key: String) -> String? { values(key).first }

  var form: AgeForm { value("armored") == "yes" ? .armored : .binary }

  /// The age file, decompressed where the vector says so.
  func file() throws -> [UInt8] {
    guard value("compressed") != nil else { return body }
    let script = "import sys,zlib;sys.stdout.buffer.write(zlib.decompress(sys.stdin.buffer.read()))"
    return try Tool.run("/usr/bin/python3", ["-c", script], input: body).output
  }

  func identities() throws -> [AgeIdentity] {
    var identities: [AgeIdentity] = try values("identity").map { text in
      .key(try Array(text.utf8).withUnsafeBytes { try ExchangeKey(ageIdentity: $0) })
    }
    for text in values("passphrase") {
      identities.append(
        .passphrase(
          Passphrase(copying: SecretBytes(Array(text.utf8))),
          workFactorMax: AgeIdentity.defaultWorkFactorMax))
    }
    return identities
  }
}

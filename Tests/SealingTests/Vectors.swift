import Foundation
import Signing
import Testing

/// Test vectors that others wrote. Not part of the project: tests skip where they are absent.
enum Vectors {
  static let notice: Comment = "the shared test vectors are not here (SATCHEL_VECTORS)"

  /// `SATCHEL_VECTORS`, or `shared/vectors` beside the checkout.
  static let root: URL = {
    if let path = ProcessInfo.processInfo.environment["SATCHEL_VECTORS"] {
      return URL(fileURLWithPath: path)
    }
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { url.deleteLastPathComponent() }
    return url.appendingPathComponent("shared/vectors")
  }()

  static func isPresent(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
  }

  static func load(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: root.appendingPathComponent(path)))
  }
}

/// Bytes that a JSON file has as hexadecimal.
struct HexBytes: Decodable {
  let bytes: [UInt8]

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let bytes = Hex.decode(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hexadecimal")
    }
    self.bytes = bytes
  }
}

/// A file of Wycheproof vectors.
struct WycheproofFile<Group: Decodable>: Decodable {
  let numberOfTests: Int
  let testGroups: [Group]

  static func load(_ name: String) throws -> Self {
    let bytes = try Vectors.load("wycheproof/\(name)_test.json")
    return try JSONDecoder().decode(Self.self, from: Data(bytes))
  }
}

import Foundation
import Signing
import TestSupport

/// A file of Wycheproof vectors.
struct WycheproofFile<Group: Decodable>: Decodable {
  let numberOfTests: Int
  let testGroups: [Group]

  static func load(_ name: String) throws -> Self {
    try JSONDecoder().decode(
      Self.self, from: Vectors.data("wycheproof/\(name)_test.json"))
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

import CBOR
import Merge

/// The JSON arrays (RFC 8259) of scalars that lists and sets are shown as in SQL.
///
/// Only what this module itself writes is read back: strings, integers, `true` and `false`.
enum JSONText {
  static func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }

  static func element(_ value: CBORValue) -> String {
    switch value {
    case .text(let text): quoted(text)
    case .bytes(let bytes): quoted(hex(bytes))
    case .bool(let value): value ? "true" : "false"
    case .unsigned, .negative: value.integer.map(String.init) ?? "null"
    case .null, .array, .map: "null"
    }
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    var text = ""
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      if byte < 16 { text += "0" }
      text += String(byte, radix: 16)
    }
    return text
  }

  /// The elements of an array that ``array(_:)`` made.
  static func elements(_ json: String, _ kind: Field.Kind) throws(StateError) -> [CBORValue] {
    var scanner = Scanner(Array(json.utf8))
    return try scanner.array(kind)
  }

  private struct Scanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ byte: Character) throws(StateError) {
      guard let expected = byte.asciiValue, next == expected else { throw .damaged }
      index += 1
    }

    mutating func array(_ kind: Field.Kind) throws(StateError) -> [CBORValue] {
      try take("[")
      var result: [CBORValue] = []
      while next != UInt8(ascii: "]") {
        if !result.isEmpty { try take(",") }
        result.append(try element(kind))
      }
      try take("]")
      guard index == bytes.count else { throw .damaged }
      return result
    }

    private mutating func element(_ kind: Field.Kind) throws(StateError) -> CBORValue {
      if next == UInt8(ascii: "\"") {
        let text = try string()
        switch kind {
        case .bytes, .account, .record: return .bytes(try bytes(text))
        default: return .text(text)
        }
      }
      let start = index
      while let byte = next, byte != UInt8(ascii: ","), byte != UInt8(ascii: "]") { index += 1 }
      let word = String(decoding: bytes[start..<index], as: UTF8.self)
      if word == "true" || word == "false" { return .bool(word == "true") }
      guard let number = Int64(word) else { throw .damaged }
      return .integer(number)
    }

    private mutating func string() throws(StateError) -> String {
      try take("\"")
      var result: [UInt8] = []
      while let byte = next, byte != UInt8(ascii: "\"") {
        index += 1
        guard byte == UInt8(ascii: "\\") else {
          result.append(byte)
          continue
        }
        guard let escaped = next else { throw .damaged }
        index += 1
        if escaped == UInt8(ascii: "u") {
          guard index + 4 <= bytes.count,
            let code = UInt8(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
          else { throw .damaged }
          index += 4
          result.append(code)
        } else {
          result.append(escaped)
        }
      }
      try take("\"")
      return String(decoding: result, as: UTF8.self)
    }

    private func bytes(_ hex: String) throws(StateError) -> [UInt8] {
      let digits = Array(hex.utf8)
      guard digits.count.isMultiple(of: 2) else { throw .damaged }
      var result: [UInt8] = []
      for index in stride(from: 0, to: digits.count, by: 2) {
        let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
        guard let byte = UInt8(pair, radix: 16) else { throw .damaged }
        result.append(byte)
      }
      return result
    }
  }
}

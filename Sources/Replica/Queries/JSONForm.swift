import CBOR
import Signing

/// Lists and groups as JSON text (RFC 8259), bytes as hexadecimal: what SQL gets of a value that has no
/// SQL form of its own.
enum JSONForm {
  static func text(_ value: CBORValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .unsigned(let number): String(number)
    case .negative: value.integer.map(String.init) ?? "null"
    case .text(let text): quoted(text)
    case .bytes(let bytes): quoted(Hex.encode(bytes))
    case .array(let items): "[" + items.map(text).joined(separator: ",") + "]"
    case .map(let map):
      "{"
        + map.entries.map { quoted($0.key.text ?? "") + ":" + text($0.value) }
        .joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

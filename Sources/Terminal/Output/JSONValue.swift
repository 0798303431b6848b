/// A JSON document (RFC 8259), for machines: keys sorted, so that equal values are equal text.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// Finite.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The document, indented by two spaces, with a line end.
  public var text: String {
    var text = ""
    write(to: &text, depth: 0)
    return text + "\n"
  }

  /// The document on one line, without a line end; for streams of one document a line.
  public var lineText: String {
    var text = ""
    write(to: &text, depth: nil)
    return text
  }

  private func write(to text: inout String, depth: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value):
      precondition(value.isFinite)
      text += "\(value)"
    case .string(let value): JSONValue.write(value, to: &text)
    case .array(let values):
      JSONValue.write("[", values, "]", to: &text, depth: depth) { value, text, depth in
        value.write(to: &text, depth: depth)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key < $1.key }
      JSONValue.write("{", sorted, "}", to: &text, depth: depth) { member, text, depth in
        JSONValue.write(member.key, to: &text)
        text += depth == nil ? ":" : ": "
        member.value.write(to: &text, depth: depth)
      }
    }
  }

  private static func write<Element>(
    _ start: String, _ elements: [Element], _ end: String, to text: inout String, depth: Int?,
    element write: (Element, inout String, Int?) -> Void
  ) {
    text += start
    let inner = depth.map { $0 + 1 }
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      startLine(in: &text, depth: inner)
      write(element, &text, inner)
    }
    if !elements.isEmpty { startLine(in: &text, depth: depth) }
    text += end
  }

  private static func startLine(in text: inout String, depth: Int?) {
    guard let depth else { return }
    text += "\n" + String(repeating: "  ", count: depth)
  }

  /// Escapes what JSON requires, and also what a terminal could act on.
  private static func write(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where Text.isUnsafe(scalar):
        for unit in UTF16.encode(scalar) ?? UTF16.EncodedScalar() {
          let digits = String(unit, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(nilLiteral: ()) { self = .null }

  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(uniqueKeysWithValues: elements))
  }
}

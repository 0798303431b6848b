/// Reads strict JSON (RFC 8259). Written here because the usual decoders hide a key that is there
/// twice, and in a signed and pinned file two readers must not see two things.
///
/// Refused besides: numbers that are not integers of 64 bits, anything after the value, more bytes
/// or levels than a schema needs.
struct JSONReader {
  static let byteCountMax = 256 << 10
  static let depthMax = 16

  private let file: String
  private let bytes: [UInt8]
  private var index = 0

  /// Reads the one value of `bytes`; `file` is what errors name.
  static func read(file: String, bytes: [UInt8]) throws(SchemaError) -> JSONValue {
    guard bytes.count <= byteCountMax else {
      throw SchemaError(file: file, path: "", reason: .tooLarge(byteCountMax: byteCountMax))
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw SchemaError(file: file, path: "", reason: .notUTF8)
    }
    var reader = JSONReader(file: file, bytes: bytes)
    let value = try reader.value(path: "", depth: 0)
    reader.skipSpace()
    guard reader.next == nil else { throw reader.syntax("the end of the file", path: "") }
    return value
  }

  private init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func value(path: String, depth: Int) throws(SchemaError) -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try object(path: path, depth: depth))
    case UInt8(ascii: "["): return .array(try array(path: path, depth: depth))
    case UInt8(ascii: "\""): return .string(try string(path: path))
    case let byte? where byte == UInt8(ascii: "-") || isDigit(byte):
      return .integer(try integer(path: path))
    case UInt8(ascii: "t"):
      try literal("true", path: path)
      return .bool(true)
    case UInt8(ascii: "f"):
      try literal("false", path: path)
      return .bool(false)
    case UInt8(ascii: "n"):
      try literal("null", path: path)
      return .null
    default: throw syntax("a value", path: path)
    }
  }

  private mutating func object(
    path: String, depth: Int
  ) throws(SchemaError) -> [(key: String, value: JSONValue)] {
    try enter(path: path, depth: depth)
    var members: [(key: String, value: JSONValue)] = []
    var keys: Set<[UInt8]> = []
    if skip("}") { return members }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw syntax("a key in quotes", path: path) }
      let key = try string(path: path)
      let memberPath = SchemaPath.join(path, key: key)
      guard keys.insert(Array(key.utf8)).inserted else {
        throw SchemaError(file: file, path: memberPath, reason: .duplicateKey)
      }
      guard skip(":") else { throw syntax("\":\"", path: memberPath) }
      members.append((key, try value(path: memberPath, depth: depth + 1)))
    } while skip(",")
    guard skip("}") else { throw syntax("\",\" or \"}\"", path: path) }
    return members
  }

  private mutating func array(path: String, depth: Int) throws(SchemaError) -> [JSONValue] {
    try enter(path: path, depth: depth)
    var items: [JSONValue] = []
    if skip("]") { return items }
    repeat {
      let itemPath = SchemaPath.join(path, index: items.count)
      items.append(try value(path: itemPath, depth: depth + 1))
    } while skip(",")
    guard skip("]") else { throw syntax("\",\" or \"]\"", path: path) }
    return items
  }

  private mutating func enter(path: String, depth: Int) throws(SchemaError) {
    guard depth < Self.depthMax else {
      throw SchemaError(file: file, path: path, reason: .tooDeep(depthMax: Self.depthMax))
    }
    index += 1
  }

  private mutating func integer(path: String) throws(SchemaError) -> Int {
    let start = index
    if next == UInt8(ascii: "-") { index += 1 }
    let digits = index
    while let byte = next, isDigit(byte) { index += 1 }
    let isPadded = index > digits + 1 && bytes[digits] == UInt8(ascii: "0")
    let goesOn = next.map { ".eE".utf8.contains($0) } ?? false
    guard !isPadded, !goesOn,
      let value = Int(String(decoding: bytes[start..<index], as: UTF8.self))
    else { throw syntax("an integer of 64 bits", path: path) }
    return value
  }

  private mutating func literal(_ word: StaticString, path: String) throws(SchemaError) {
    let expected = word.withUTF8Buffer { Array($0) }
    guard bytes[index...].starts(with: expected) else {
      throw syntax("true, false or null", path: path)
    }
    index += expected.count
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d {
      index += 1
    }
  }

  /// Steps over space and, if it comes next, over `mark`.
  private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: mark) else { return false }
    index += 1
    return true
  }

  private func syntax(_ expected: String, path: String) -> SchemaError {
    let before = bytes[..<index]
    let line = before.count { $0 == 0x0a } + 1
    let column = index - ((before.lastIndex(of: 0x0a) ?? -1) + 1) + 1
    return SchemaError(
      file: file, path: path, reason: .syntax(line: line, column: column, expected: expected))
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

// Strings.
extension JSONReader {
  private mutating func string(path: String) throws(SchemaError) -> String {
    index += 1
    var content: [UInt8] = []
    while let byte = next {
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"): content.append(contentsOf: try escape(path: path))
      case 0..<0x20: throw syntax("an escape in place of a control character", path: path)
      default: content.append(byte)
      }
    }
    throw syntax("the end of the string", path: path)
  }

  private mutating func escape(path: String) throws(SchemaError) -> [UInt8] {
    guard let mark = next else { throw syntax("the end of the string", path: path) }
    index += 1
    switch mark {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [mark]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try scalar(path: path)
    default: throw syntax("an escape of JSON", path: path)
    }
  }

  /// What follows `\u`: four digits, or two surrogates that make one character.
  private mutating func scalar(path: String) throws(SchemaError) -> [UInt8] {
    var code = try codeUnit(path: path)
    if (0xd800..<0xdc00).contains(code), bytes[index...].starts(with: "\\u".utf8) {
      index += 2
      let low = try codeUnit(path: path)
      guard (0xdc00..<0xe000).contains(low) else { throw syntax("a low surrogate", path: path) }
      code = 0x1_0000 + (code - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw syntax("a whole character", path: path) }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func codeUnit(path: String) throws(SchemaError) -> UInt32 {
    let digits = bytes[index...].prefix(4)
    let isHexadecimal = digits.allSatisfy { Unicode.Scalar($0).properties.isASCIIHexDigit }
    guard digits.count == 4, isHexadecimal,
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw syntax("four hexadecimal digits", path: path) }
    index += 4
    return code
  }
}

/// What types, fields, components, states and declared values may be called.
enum SchemaName {
  /// Columns that every table has; those that start with `_` are no names to begin with.
  static let reserved: Set<String> = ["space", "record"]

  static let lengthMax = 48

  /// `[a-z][a-z0-9_]{0,47}`: safe as an SQL name, a key on the wire and a word on a command line.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= lengthMax, isLetter(first) else {
      return false
    }
    return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

/// The lines of a text that end with a line feed, without it.
struct AgeLines {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next line, or `nil` if no line feed follows.
  mutating func next() -> ArraySlice<UInt8>? {
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = rest[rest.startIndex..<end]
    rest = rest[(end + 1)...]
    return line
  }
}

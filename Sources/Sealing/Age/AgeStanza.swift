/// One recipient's part of an age header: arguments, and the wrapped file key.
public struct AgeStanza: Hashable, Sendable {
  /// The first says the recipient's type. Each has at least one visible ASCII character.
  public let arguments: [String]
  /// What the type says it is; for the native types the wrapped file key.
  public let body: [UInt8]

  static let lineCount = 64
  static let mark = Array("->".utf8)

  init(arguments: [String], body: [UInt8]) {
    precondition(!arguments.isEmpty, "a stanza has a type")
    self.arguments = arguments
    self.body = body
  }

  var type: String { arguments[0] }

  /// The stanza's lines, the last with its line feed.
  var encoded: [UInt8] {
    var bytes = Self.mark
    for argument in arguments {
      bytes.append(UInt8(ascii: " "))
      bytes.append(contentsOf: argument.utf8)
    }
    bytes.append(UInt8(ascii: "\n"))
    var text = AgeBase64.encode(body, .unpadded)[...]
    // The last line is shorter than the others, and so may be empty.
    while text.count >= Self.lineCount {
      bytes.append(contentsOf: text.prefix(Self.lineCount))
      bytes.append(UInt8(ascii: "\n"))
      text = text.dropFirst(Self.lineCount)
    }
    bytes.append(contentsOf: text)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  /// Reads the stanza whose first line is `line` and whose body `lines` gives.
  static func parse(
    _ line: ArraySlice<UInt8>, body lines: inout AgeLines
  ) throws(AgeError) -> AgeStanza {
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count >= 2, words[0].elementsEqual(mark) else { throw .headerMalformed }
    var arguments: [String] = []
    for word in words.dropFirst() {
      guard !word.isEmpty, word.allSatisfy({ (0x21...0x7e).contains($0) }) else {
        throw .headerMalformed
      }
      arguments.append(String(decoding: word, as: UTF8.self))
    }
    return AgeStanza(arguments: arguments, body: try parseBody(&lines))
  }

  private static func parseBody(_ lines: inout AgeLines) throws(AgeError) -> [UInt8] {
    var body: [UInt8] = []
    while let line = lines.next() {
      guard line.count <= lineCount, let bytes = AgeBase64.decode(line, .unpadded) else { break }
      body.append(contentsOf: bytes)
      if line.count < lineCount { return body }
    }
    throw .headerMalformed
  }
}

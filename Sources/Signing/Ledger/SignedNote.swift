/// A text and the Ed25519 signatures over it, readable by people (C2SP signed-note).
///
/// Believe nothing in ``text`` before ``verify(by:)`` returned.
public struct SignedNote: Hashable, Sendable {
  /// The largest note that is read, in bytes.
  public static let byteCountMax = 64 * 1024

  /// The most signature lines that are read; the standard asks for at least 16.
  public static let signatureCountMax = 32

  /// One signature line. Its bytes may be of a kind that this code does not know.
  public struct Line: Hashable, Sendable {
    public let name: String
    public let keyID: UInt32
    public let signature: [UInt8]
  }

  /// What is signed: lines, each with its line end.
  public let text: String

  public private(set) var lines: [Line]

  /// A note without signatures yet.
  ///
  /// - Throws: `malformed` unless `text` ends with a line end and has no other control characters;
  ///   `tooLarge` beyond ``byteCountMax``.
  public init(text: String) throws(NoteError) {
    guard text.utf8.count <= Self.byteCountMax else { throw .tooLarge }
    guard text.utf8.last == Self.lineEnd, Self.hasOnlyText(text.utf8) else { throw .malformed }
    self.text = text
    lines = []
  }

  /// Adds a signature by `key` under `name`.
  ///
  /// - Throws: `malformed` if `name` cannot be a key's name; `tooLarge` if the note has no room.
  public mutating func sign(by key: SigningKey, name: String) throws(NoteError) {
    guard let noteKey = NoteKey(name: name, publicKey: key.publicKey) else { throw .malformed }
    guard lines.count < Self.signatureCountMax else { throw .tooLarge }
    let signature = key.sign(Array(text.utf8)).bytes
    lines.append(Line(name: name, keyID: noteKey.id, signature: signature))
    if encoded.count > Self.byteCountMax {
      lines.removeLast()
      throw .tooLarge
    }
  }

  /// Checks that `key` signed the text. Lines of other keys are ignored; one line of this key that
  /// does not verify spoils the note.
  ///
  /// - Throws: `unsigned` or `wrongSignature`.
  public func verify(by key: NoteKey) throws(NoteError) {
    let keyID = key.id
    // By bytes: Swift's strings are equal across Unicode's forms, names of keys are not.
    let own = lines.filter { $0.keyID == keyID && $0.name.utf8.elementsEqual(key.name.utf8) }
    guard !own.isEmpty else { throw .unsigned }
    let message = Array(text.utf8)
    for line in own {
      guard let signature = Signature(line.signature),
        key.publicKey.verify(signature, of: message)
      else { throw .wrongSignature }
    }
  }

  /// The note as it is stored and sent.
  public var encoded: [UInt8] {
    var result = Array(text.utf8)
    result.append(Self.lineEnd)
    for line in lines {
      let keyID = withUnsafeBytes(of: line.keyID.bigEndian) { [UInt8]($0) }
      result += Self.linePrefix + Array(line.name.utf8) + [UInt8(ascii: " ")]
      result += Array(Base64.encode(keyID + line.signature).utf8) + [Self.lineEnd]
    }
    return result
  }

  /// Reads a note: a text, an empty line, at least one signature line.
  ///
  /// - Throws: `tooLarge` or `malformed`.
  public init(_ encoded: [UInt8]) throws(NoteError) {
    guard encoded.count <= Self.byteCountMax else { throw .tooLarge }
    guard let whole = String(validating: encoded, as: UTF8.self), Self.hasOnlyText(encoded) else {
      throw .malformed
    }
    let end = Self.lineEnd
    guard encoded.last == end,
      let emptyLine = encoded.indices.dropFirst().last(where: {
        encoded[$0] == end && encoded[$0 - 1] == end
      })
    else { throw .malformed }
    text = String(decoding: encoded[..<emptyLine], as: UTF8.self)
    lines = []
    let signatures = whole.utf8.dropFirst(emptyLine + 1).dropLast()
    for line in signatures.split(separator: end, omittingEmptySubsequences: false) {
      guard lines.count < Self.signatureCountMax else { throw .tooLarge }
      lines.append(try Self.line(Array(line)))
    }
  }

  /// Reads `— <name> <base 64>`.
  private static func line(_ bytes: [UInt8]) throws(NoteError) -> Line {
    guard bytes.starts(with: linePrefix) else { throw .malformed }
    let parts = bytes.dropFirst(linePrefix.count)
      .split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw .malformed }
    let name = String(decoding: parts[0], as: UTF8.self)
    guard NoteKey.isValid(name),
      let content = Base64.decode(String(decoding: parts[1], as: UTF8.self)), content.count > 4
    else { throw .malformed }
    let keyID = content.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    return Line(name: name, keyID: keyID, signature: Array(content.dropFirst(4)))
  }

  private static let lineEnd = UInt8(ascii: "\n")
  private static let linePrefix = Array("— ".utf8)

  private static func hasOnlyText(_ bytes: some Sequence<UInt8>) -> Bool {
    bytes.allSatisfy { $0 >= 0x20 || $0 == lineEnd }
  }
}

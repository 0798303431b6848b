/// What a log commits to at one size (C2SP tlog-checkpoint): its name, its size and its root.
public struct Checkpoint: Hashable, Sendable {
  /// The most extension lines that are read.
  public static let extensionCountMax = 16

  /// The longest line, in bytes of UTF-8.
  public static let lineByteCountMax = 1024

  /// The log's name, in Satchel the server's. One line, not empty.
  public let origin: String

  /// How many leaves the tree has.
  public let size: UInt64

  /// The root over these leaves (``Merkle``).
  public let rootHash: Digest

  /// Further lines, opaque here. None of them empty.
  public let extensionLines: [String]

  /// - Throws: `malformed` if the origin or an extension is empty or not one line of text;
  ///   `tooLarge` beyond ``extensionCountMax`` or ``lineByteCountMax``.
  public init(
    origin: String, size: UInt64, rootHash: Digest, extensionLines: [String] = []
  ) throws(NoteError) {
    guard extensionLines.count <= Self.extensionCountMax else { throw .tooLarge }
    for line in [origin] + extensionLines {
      guard line.utf8.count <= Self.lineByteCountMax else { throw .tooLarge }
      guard !line.isEmpty, line.utf8.allSatisfy({ $0 >= 0x20 }) else { throw .malformed }
    }
    self.origin = origin
    self.size = size
    self.rootHash = rootHash
    self.extensionLines = extensionLines
  }

  /// The lines that are signed.
  public var text: String {
    let root = rootHash.withUnsafeBytes { Base64.encode($0) }
    return ([origin, String(size), root] + extensionLines).map { $0 + "\n" }.joined()
  }

  /// Reads ``text``. There is one text for each checkpoint.
  ///
  /// - Throws: `tooLarge` or `malformed`.
  public init(text: String) throws(NoteError) {
    guard text.utf8.count <= SignedNote.byteCountMax else { throw .tooLarge }
    guard text.utf8.last == UInt8(ascii: "\n") else { throw .malformed }
    let lines = text.utf8.dropLast()
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    // A size has one form: what `String(_:)` makes, without sign or leading zeros.
    guard lines.count >= 3,
      let size = UInt64(lines[1]), String(size) == lines[1],
      let root = Base64.decode(lines[2]), let rootHash = Digest(root)
    else { throw .malformed }
    try self.init(
      origin: lines[0], size: size, rootHash: rootHash, extensionLines: Array(lines.dropFirst(3)))
  }

  /// The signed note, under the log's own name as the standard recommends.
  ///
  /// - Throws: `malformed` if the origin cannot be a key's name.
  public func signed(by key: SigningKey) throws(NoteError) -> SignedNote {
    try signed(by: key, name: origin)
  }

  /// The signed note, under a key's name.
  ///
  /// - Throws: `malformed` if `name` cannot be a key's name.
  public func signed(by key: SigningKey, name: String) throws(NoteError) -> SignedNote {
    var note = try SignedNote(text: text)
    try note.sign(by: key, name: name)
    return note
  }

  /// Reads a signed checkpoint of the log `origin`, and checks that `key` signed it.
  ///
  /// - Throws: ``NoteError``.
  public init(_ encoded: [UInt8], origin: String, key: NoteKey) throws(NoteError) {
    let note = try SignedNote(encoded)
    try note.verify(by: key)
    try self.init(text: note.text)
    // By bytes: Swift's strings are equal across Unicode's forms, origins are not.
    guard self.origin.utf8.elementsEqual(origin.utf8) else { throw .wrongOrigin }
  }
}

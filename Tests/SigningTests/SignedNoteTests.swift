import Signing
import Testing

@Suite struct SignedNoteTests {
  private static let first = SigningKey(random: FixedRandom(pattern: [1]))
  private static let second = SigningKey(random: FixedRandom(pattern: [2]))

  private static func noteKey(_ name: String, _ key: SigningKey) throws -> NoteKey {
    try #require(NoteKey(name: name, publicKey: key.publicKey))
  }

  /// The example in the documentation of golang.org/x/mod/sumdb/note.
  @Test func anotherImplementationsNoteIsRead() throws {
    let encoded = """
      If you think cryptography is the answer to your problem,
      then you don't know what your problem is.

      — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

      """
    let keyBytes = try #require(Base64.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"))
    let publicKey = try #require(SigningPublicKey(keyBytes.dropFirst()))
    let key = try #require(NoteKey(name: "PeterNeumann", publicKey: publicKey))
    #expect(key.id == 0xc74f_20a3)
    let note = try SignedNote(Array(encoded.utf8))
    try note.verify(by: key)
    #expect(note.text.hasSuffix("problem is.\n"))
    #expect(note.encoded == Array(encoded.utf8))
  }

  @Test func severalSignaturesStandSideBySide() throws {
    var note = try SignedNote(text: "a text\n\nwith an empty line\n")
    try note.sign(by: Self.first, name: "one")
    try note.sign(by: Self.second, name: "two")
    let read = try SignedNote(note.encoded)
    #expect(read == note)
    try read.verify(by: Self.noteKey("one", Self.first))
    try read.verify(by: Self.noteKey("two", Self.second))
    #expect(throws: NoteError.unsigned) { try read.verify(by: Self.noteKey("one", Self.second)) }
    #expect(throws: NoteError.unsigned) { try read.verify(by: Self.noteKey("three", Self.first)) }
  }

  @Test func oneWrongSignatureOfAKnownKeySpoilsTheNote() throws {
    var note = try SignedNote(text: "a\n")
    try note.sign(by: Self.first, name: "one")
    var other = try SignedNote(text: "b\n")
    try other.sign(by: Self.first, name: "one")
    let otherLine = other.encoded.dropFirst("b\n\n".utf8.count)
    let spoiled = try SignedNote(note.encoded + otherLine)
    #expect(throws: NoteError.wrongSignature) {
      try spoiled.verify(by: Self.noteKey("one", Self.first))
    }
  }

  @Test func unknownKindsOfSignatureAreIgnored() throws {
    var note = try SignedNote(text: "a\n")
    try note.sign(by: Self.first, name: "one")
    let unknown = "— other " + Base64.encode([UInt8](repeating: 3, count: 100)) + "\n"
    let read = try SignedNote(note.encoded + Array(unknown.utf8))
    try read.verify(by: Self.noteKey("one", Self.first))
    #expect(read.lines.count == 2)
  }

  @Test(arguments: [
    "", "a", "a\n", "a\n\n", "a\n\nx\n", "a\n\n— one\n", "a\n\n— one AAAAAAA=", "a\n\n— one AAAA\n",
    "a\n\n— one AAAAAAAA\n\n", "a\n\n— one  AAAAAAAA\n", "a\n\n—  AAAAAAAA\n",
    "a\n\n— o+e AAAAAAAA\n", "a\n\n— o\u{2003}e AAAAAAAA\n", "a\n\n- one AAAAAAAA\n",
    "a\r\n\n— one AAAAAAAA\n", "a\t\n\n— one AAAAAAAA\n", "\n— one AAAAAAAA\n",
    "a\n\n— one AAAAAAAA AA==\n", "a\n\n— one AAAAAAB=\n",
  ])
  func malformedNotesAreRefused(encoded: String) {
    #expect(throws: NoteError.malformed) { try SignedNote(Array(encoded.utf8)) }
  }

  @Test func bytesThatAreNotTextAreRefused() {
    let encoded = [0xFF] + Array("\n\n— one AAAAAAAA\n".utf8)
    #expect(throws: NoteError.malformed) { try SignedNote(encoded) }
  }

  @Test func notesHaveLimits() throws {
    let line = Array("— one AAAAAAAA\n".utf8)
    let text = Array("a\n\n".utf8)
    let most = text + [[UInt8]](repeating: line, count: SignedNote.signatureCountMax).joined()
    #expect(try SignedNote(most).lines.count == SignedNote.signatureCountMax)
    #expect(throws: NoteError.tooLarge) { try SignedNote(most + line) }
    let large = [UInt8](repeating: 0x61, count: SignedNote.byteCountMax + 1)
    #expect(throws: NoteError.tooLarge) { try SignedNote(large) }
    var full = try SignedNote(text: String(repeating: "a", count: 65_500) + "\n")
    #expect(throws: NoteError.tooLarge) { try full.sign(by: Self.first, name: "one") }
    #expect(full.lines.isEmpty)
  }

  @Test(arguments: ["", "a b", "a+b", "a\nb", "a\u{A0}b", "a\u{7F}"])
  func namesAreChecked(name: String) throws {
    #expect(NoteKey(name: name, publicKey: Self.first.publicKey) == nil)
    var note = try SignedNote(text: "a\n")
    #expect(throws: NoteError.malformed) { try note.sign(by: Self.first, name: name) }
  }
}

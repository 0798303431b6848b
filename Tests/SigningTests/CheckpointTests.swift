import Signing
import Testing

@Suite struct CheckpointTests {
  private static let key = SigningKey(random: FixedRandom(pattern: [1, 2, 3]))
  private static let origin = "satchel.example/ledger"

  private static func noteKey() throws -> NoteKey {
    try #require(NoteKey(name: origin, publicKey: key.publicKey))
  }

  private static func checkpoint(extensions: [String] = []) throws -> Checkpoint {
    try Checkpoint(
      origin: origin, size: 20_852_163, rootHash: Merkle.leafHash([1]), extensionLines: extensions)
  }

  @Test func textIsTheStandards() throws {
    let root = try #require(Base64.decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="))
    let checkpoint = try Checkpoint(
      origin: "example.com/behind-the-sofa", size: 20_852_163, rootHash: #require(Digest(root)))
    let text = """
      example.com/behind-the-sofa
      20852163
      CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

      """
    #expect(checkpoint.text == text)
    #expect(try Checkpoint(text: text) == checkpoint)
  }

  @Test(arguments: [[], ["one"], ["one", "– two", "three 3"]])
  func roundTrips(extensions: [String]) throws {
    let checkpoint = try Self.checkpoint(extensions: extensions)
    let encoded = try checkpoint.signed(by: Self.key).encoded
    let read = try Checkpoint(encoded, origin: Self.origin, key: Self.noteKey())
    #expect(read == checkpoint)
    #expect(read.extensionLines == extensions)
  }

  @Test func everyAlteredByteIsRefused() throws {
    let encoded = try Self.checkpoint(extensions: ["x"]).signed(by: Self.key).encoded
    let noteKey = try Self.noteKey()
    for index in encoded.indices {
      for flip in [1, 0x20, 0x80] as [UInt8] {
        var altered = encoded
        altered[index] ^= flip
        #expect(throws: NoteError.self) {
          try Checkpoint(altered, origin: Self.origin, key: noteKey)
        }
      }
    }
    for count in 0..<encoded.count {
      #expect(throws: NoteError.self) {
        try Checkpoint(Array(encoded.prefix(count)), origin: Self.origin, key: noteKey)
      }
    }
  }

  @Test func anotherOriginIsRefused() throws {
    let checkpoint = try Checkpoint(origin: "other", size: 0, rootHash: Merkle.emptyRoot)
    let encoded = try checkpoint.signed(by: Self.key, name: Self.origin).encoded
    #expect(throws: NoteError.wrongOrigin) {
      try Checkpoint(encoded, origin: Self.origin, key: Self.noteKey())
    }
  }

  @Test(arguments: [
    "", "\n", "o\n", "o\n1\n", "o\n01\nR\n", "o\n+1\nR\n", "o\n-1\nR\n", "o\n1 \nR\n",
    "o\n18446744073709551616\nR\n", "\n1\nR\n", "o\n1\nR\n\n", "o\n1\nR", "o\n1\nRR\n",
    "o\n\u{661}\nR\n", "o\n1\nR\r\n", "o\r\n1\nR\n",
  ])
  func malformedTextIsRefused(template: String) {
    let root = Merkle.emptyRoot.withUnsafeBytes { Base64.encode($0) }
    let text = String(
      template.unicodeScalars.flatMap { scalar in
        scalar == "R" ? Array(root.unicodeScalars) : [scalar]
      }.map(Character.init))
    #expect(throws: NoteError.malformed) { try Checkpoint(text: text) }
  }

  @Test func largestSizeIsRead() throws {
    let checkpoint = try Checkpoint(origin: "o", size: .max, rootHash: .zero)
    #expect(try Checkpoint(text: checkpoint.text) == checkpoint)
  }

  @Test func partsHaveLimits() {
    let long = String(repeating: "a", count: Checkpoint.lineByteCountMax + 1)
    #expect(throws: NoteError.tooLarge) {
      try Checkpoint(origin: long, size: 0, rootHash: .zero)
    }
    let many = [String](repeating: "a", count: Checkpoint.extensionCountMax + 1)
    #expect(throws: NoteError.tooLarge) {
      try Checkpoint(origin: "o", size: 0, rootHash: .zero, extensionLines: many)
    }
    for extensionLine in ["", "a\nb", "a\u{0}"] {
      #expect(throws: NoteError.malformed) {
        try Checkpoint(origin: "o", size: 0, rootHash: .zero, extensionLines: [extensionLine])
      }
    }
  }
}

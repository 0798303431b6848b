import Sealing
import Signing
import TestSupport
import Testing

struct AgeKeyFileTests {
  private let random = SeededRandom(seed: 51)
  /// From age-encryption.org/v1, "The X25519 recipient type".
  private let identity =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
  private let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

  private func identities(_ text: String) throws(AgeError) -> [ExchangeKey] {
    let bytes = SecretBytes(Array(text.utf8))
    return try bytes.withUnsafeBytes { file throws(AgeError) in
      try AgeKeyFile.identities(in: file)
    }
  }

  @Test func theSpecificationsExample() throws {
    let key = try #require(try identities(identity).first)
    #expect(key.publicKey.ageRecipient == recipient)
    #expect(key.ageIdentity.array() == Array(identity.utf8))
    #expect(key.withSecret { $0.array() } == [UInt8](repeating: 0x42, count: 32))
    #expect(try ExchangePublicKey(ageRecipient: recipient) == key.publicKey)
  }

  @Test func anyKeyGoesBothWays() throws {
    for _ in 0..<50 {
      let key = ExchangeKey(random: random)
      let file = AgeKeyFile.encode(key)
      let read = try #require(try file.withUnsafeBytes { try AgeKeyFile.identities(in: $0) }.first)
      #expect(read.publicKey == key.publicKey)
      #expect(try ExchangePublicKey(ageRecipient: key.publicKey.ageRecipient) == key.publicKey)
    }
  }

  @Test func oneAlteredCharacterIsNoticed() {
    for (text, isIdentity) in [(identity, true), (recipient, false)] {
      let characters = Array(text.utf8)
      for index in characters.indices {
        for replacement in Array("qQpP1b-~".utf8) where replacement != characters[index] {
          var altered = characters
          altered[index] = replacement
          let line = String(decoding: altered, as: UTF8.self)
          #expect(throws: AgeError.self) {
            if isIdentity {
              _ = try identities(line)
            } else {
              _ = try ExchangePublicKey(ageRecipient: line)
            }
          }
        }
      }
    }
  }

  @Test func caseAndLengthAreStrict() {
    for text in [recipient.uppercased(), recipient + "q", String(recipient.dropLast()), "", "age1"]
    {
      #expect(throws: AgeError.keyMalformed) { try ExchangePublicKey(ageRecipient: text) }
    }
    #expect(throws: AgeError.keyFileMalformed(line: 1)) { try identities(identity.lowercased()) }
    #expect(throws: AgeError.keyFileMalformed(line: 1)) { try identities(recipient) }
  }

  @Test func commentsAndLineEnds() throws {
    let text = "# created: today\r\n\r\n\(identity)\r\n# other\n\n\(identity)"
    #expect(try identities(text).count == 2)
    #expect(throws: AgeError.keyFileMalformed(line: 3)) { try identities("#\n\nx\n\(identity)") }
    #expect(throws: AgeError.keyFileMalformed(line: 1)) { try identities(" \(identity)") }
    #expect(throws: AgeError.keyFileMalformed(line: 0)) { try identities("# nothing\n") }
    #expect(throws: AgeError.keyFileMalformed(line: 0)) { try identities("") }
  }

  @Test func recipientFiles() throws {
    let text = Array("# team\n\(recipient)\n".utf8)
    let keys = try text.withUnsafeBytes { try AgeKeyFile.recipients(in: $0) }
    #expect(keys.map(\.ageRecipient) == [recipient])
  }
}

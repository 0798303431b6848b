import Sealing
import Signing
import TestSupport
import Testing

struct AgeHeaderTests {
  private let random = SeededRandom(seed: 31)
  private let version = "age-encryption.org/v1\n"
  private let end = "--- \(String(repeating: "A", count: 43))\n"

  private func error(parsing text: String) -> AgeError? {
    do {
      _ = try AgeHeader(parsing: Array(text.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test func whatWeWriteWeRead() throws {
    let fileKey = FileKey(random: random)
    let keys = (0..<5).map { _ in ExchangeKey(random: random) }
    let bytes = try AgeHeader.encode(
      fileKey: fileKey, recipients: keys.map { .key($0.publicKey) }, random: random)
    let header = try AgeHeader(parsing: bytes + [0, 1, 2])
    #expect(header.byteCount == bytes.count)
    #expect(header.stanzas.count == 5)
    for key in keys {
      let opened = try header.fileKey(with: [.key(key)])
      #expect(opened.withBytes { $0.array() } == fileKey.withBytes { $0.array() })
    }
    #expect(throws: AgeError.noIdentityMatched) {
      try header.fileKey(with: [.key(ExchangeKey(random: random))])
    }
    #expect(throws: AgeError.noIdentityMatched) { try header.fileKey(with: []) }
  }

  @Test func everyByteIsCovered() throws {
    let key = ExchangeKey(random: random)
    let other = ExchangeKey(random: random)
    let bytes = try AgeHeader.encode(
      fileKey: FileKey(random: random),
      recipients: [.key(key.publicKey), .key(other.publicKey)], random: random)
    for index in bytes.indices {
      var altered = bytes
      altered[index] ^= 1
      #expect(throws: AgeError.self, "\(index)") {
        _ = try AgeHeader(parsing: altered).fileKey(with: [.key(key)])
      }
    }
  }

  @Test func otherFiles() {
    #expect(error(parsing: "") == .notAnAgeFile)
    #expect(error(parsing: "%PDF-1.7\n") == .notAnAgeFile)
    #expect(error(parsing: "age-encryption.org/v2\n-> x\n\n\(end)") == .unsupportedVersion)
    #expect(error(parsing: "age-encryption.org/v1\r\n-> x\n\n\(end)") == .headerMalformed)
    #expect(error(parsing: "age-encryption.org/\n-> x\n\n\(end)") == .headerMalformed)
  }

  @Test func limits() {
    let stanza = "-> grease\n\n"
    let most = String(repeating: stanza, count: AgeHeader.stanzaCountMax)
    #expect(error(parsing: version + most + end) == nil)
    #expect(error(parsing: version + most + stanza + end) == .headerMalformed)
    let long = "-> " + String(repeating: "x", count: AgeHeader.byteCountMax) + "\n\n"
    #expect(error(parsing: version + long + end) == .headerMalformed)
    #expect(error(parsing: version + end) == .headerMalformed)
    #expect(error(parsing: version + stanza) == .headerMalformed)
    #expect(error(parsing: version + stanza + String(end.dropLast())) == .headerMalformed)
  }

  @Test func nativeStanzasAreCheckedWhoeverTheyAreFor() {
    #expect(error(parsing: version + "-> X25519 AAAA\n\n" + end) == .headerMalformed)
    #expect(error(parsing: version + "-> scrypt AAAA 10\n\n" + end) == .headerMalformed)
    #expect(error(parsing: version + "-> x25519 AAAA\n\n" + end) == nil)
  }

  @Test func whichRecipientsGoTogether() throws {
    let fileKey = FileKey(random: random)
    let passphrase = AgeRecipient.passphrase(Passphrase(copying: SecretBytes([1])), workFactor: 1)
    let key = AgeRecipient.key(ExchangeKey(random: random).publicKey)
    let tooMany = Array(repeating: key, count: AgeHeader.stanzaCountMax + 1)
    for recipients in [[], [passphrase, key], [passphrase, passphrase], tooMany] {
      #expect(throws: AgeError.recipientsNotAllowed) {
        try AgeHeader.encode(fileKey: fileKey, recipients: recipients, random: random)
      }
    }
    let zero = try #require(ExchangePublicKey([UInt8](repeating: 0, count: 32)))
    #expect(throws: AgeError.weakRecipient) {
      try AgeHeader.encode(fileKey: fileKey, recipients: [.key(zero)], random: random)
    }
  }

  @Test func passphrase() throws {
    let fileKey = FileKey(random: random)
    let right = Passphrase(copying: SecretBytes(Array("right".utf8)))
    let wrong = Passphrase(copying: SecretBytes(Array("wrong".utf8)))
    let bytes = try AgeHeader.encode(
      fileKey: fileKey, recipients: [.passphrase(right, workFactor: 4)], random: random)
    let header = try AgeHeader(parsing: bytes)
    let opened = try header.fileKey(with: [
      .passphrase(wrong, workFactorMax: 4), .passphrase(right, workFactorMax: 4),
    ])
    #expect(opened.withBytes { $0.array() } == fileKey.withBytes { $0.array() })
    #expect(throws: AgeError.noIdentityMatched) {
      try header.fileKey(with: [.passphrase(wrong, workFactorMax: 4)])
    }
    #expect(throws: AgeError.workFactorTooHigh) {
      try header.fileKey(with: [.passphrase(right, workFactorMax: 3)])
    }
  }

  @Test func foreignBytesNeverTrap() {
    let alphabet = Array("-> X25519scrypt 10\nAAAA+/=\r\u{0}é".utf8)
    for _ in 0..<2_000 {
      let count = Int(random.next() % 200)
      let text = (0..<count).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
      let bytes = Array(version.utf8) + text
      #expect(error(parsing: String(decoding: bytes, as: UTF8.self)) != nil)
    }
  }
}

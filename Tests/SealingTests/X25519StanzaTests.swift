import Sealing
import Signing
import TestSupport
import Testing

struct X25519StanzaTests {
  private let random = SeededRandom(seed: 41)

  @Test func aWrapOpensForItsKeyAlone() throws {
    let fileKey = FileKey(random: random)
    let key = ExchangeKey(random: random)
    let wrap = try X25519Stanza.wrap(fileKey, to: key.publicKey, random: random)
    #expect(wrap.count == X25519Stanza.byteCount)
    let opened = try X25519Stanza.unwrap(wrap, with: key)
    #expect(opened.withBytes { $0.array() } == fileKey.withBytes { $0.array() })
    #expect(throws: AgeError.noIdentityMatched) {
      try X25519Stanza.unwrap(wrap, with: ExchangeKey(random: random))
    }
    #expect(try X25519Stanza.wrap(fileKey, to: key.publicKey, random: random) != wrap)
  }

  @Test func everyByteIsCovered() throws {
    let key = ExchangeKey(random: random)
    let wrap = try X25519Stanza.wrap(
      FileKey(random: random), to: key.publicKey, random: random)
    for index in wrap.indices {
      var altered = wrap
      altered[index] ^= 1
      #expect(throws: AgeError.self, "\(index)") { try X25519Stanza.unwrap(altered, with: key) }
      let cut = Array(wrap[..<index])
      #expect(throws: AgeError.headerMalformed, "\(index)") {
        try X25519Stanza.unwrap(cut, with: key)
      }
    }
    #expect(throws: AgeError.headerMalformed) { try X25519Stanza.unwrap(wrap + [10], with: key) }
  }

  @Test func pointsOfLowOrderAreRefused() throws {
    let key = ExchangeKey(random: random)
    let fileKey = FileKey(random: random)
    for first: UInt8 in [0, 1] {
      let point = try #require(ExchangePublicKey([first] + [UInt8](repeating: 0, count: 31)))
      #expect(throws: AgeError.weakRecipient) {
        try X25519Stanza.wrap(fileKey, to: point, random: random)
      }
    }
    let share = String(repeating: "A", count: 43)
    let stanza = "-> X25519 \(share)\n\(share)\n"
    #expect(throws: AgeError.headerMalformed) {
      try X25519Stanza.unwrap(Array(stanza.utf8), with: key)
    }
  }
}

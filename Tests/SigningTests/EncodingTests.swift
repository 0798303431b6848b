import Signing
import TestSupport
import Testing

@Suite struct EncodingTests {
  /// RFC 4648 §10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func base64IsTheStandards(text: String, encoded: String) {
    #expect(Base64.encode(Array(text.utf8)) == encoded)
    #expect(Base64.decode(encoded) == Array(text.utf8))
  }

  @Test(arguments: [
    "Zg", "Zg=", "Zh==", "Zm9=", "=", "====", "Zg==\n", " Zg==", "Zg= =", "Zm9v\nZm9v", "Z-_=",
    "Zg==Zg==", "Zm9vA", "Zmé=",
  ])
  func base64RefusesEveryOtherForm(encoded: String) {
    #expect(Base64.decode(encoded) == nil)
  }

  /// Found by fuzzing: libsodium takes bytes beyond ASCII for digits.
  @Test(arguments: ["ZgÀ", "ɗ==", "éÀ", "漢A", "Zm9v漢A"])
  func base64HasNoDigitsBeyondASCII(encoded: String) {
    #expect(encoded.utf8.count.isMultiple(of: 4))
    #expect(Base64.decode(encoded) == nil)
  }

  @Test func base64RoundTrips() {
    var random = SplitMix64(seed: 3)
    for count in 0..<100 {
      let bytes = random.bytes(count)
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
  }

  @Test func hexRoundTrips() {
    let bytes = (0...255).map { UInt8($0) }
    #expect(Hex.decode(Hex.encode(bytes)) == bytes)
    #expect(Hex.encode([]) == "")
    #expect(Hex.decode("") == [])
    #expect(Hex.decode("0aF") == nil)
    #expect(Hex.decode("0x") == nil)
  }
}

import CBOR
import Testing

/// Bytes that say the same as a canonical encoding in another way are refused.
struct CanonicalFormTests {
  @Test(arguments: [
    "1800", "1817", "190000", "1900ff", "1a00000000", "1a0000ffff", "1b0000000000000000",
    "1b00000000ffffffff", "3817", "3900ff", "3a0000ffff", "3b00000000ffffffff", "580100",
    "59000100", "780161", "7900016161", "98010a", "9900010a", "9a000000010a", "b8010a0a",
    "bb00000000000000010a0a",
  ])
  func refusesHeadsThatAreNotShortest(_ encoded: String) {
    #expect(throws: CBORError.notShortest(offset: 0)) { try CBORValue(decoding: hex(encoded)) }
  }

  @Test(arguments: [
    ("a2 02 00 01 00", 3), ("a2 20 00 01 00", 3), ("a2 6161 00 01 00", 4),
    // A longer text sorts after a shorter one, whatever its letters.
    ("a2 626161 00 617a 00", 5), ("a2 6162 00 6161 00", 4),
    ("a2 f5 00 f4 00", 3), ("a2 80 00 60 00", 3), ("a2 8102 00 8101 00", 4),
    // Inside another map, and inside a key.
    ("a1 00 a2 02 00 01 00", 5), ("a1 a2 02 00 01 00 00", 4),
  ])
  func refusesUnsortedKeys(_ encoded: String, _ offset: Int) {
    let bytes = hex(encoded)
    #expect(throws: CBORError.unsortedKey(offset: offset)) { try CBORValue(decoding: bytes) }
    var reader = CBORReader(bytes)
    #expect(throws: CBORError.unsortedKey(offset: offset)) { try reader.raw() }
  }

  @Test(arguments: [
    ("a2 01 00 01 00", 3), ("a2 6161 00 6161 00", 4), ("a3 01 00 f6 00 f6 00", 5),
    ("a2 a0 00 a0 00", 3),
  ])
  func refusesDuplicateKeys(_ encoded: String, _ offset: Int) {
    let bytes = hex(encoded)
    #expect(throws: CBORError.duplicateKey(offset: offset)) { try CBORValue(decoding: bytes) }
    var reader = CBORReader(bytes)
    #expect(throws: CBORError.duplicateKey(offset: offset)) { try reader.raw() }
  }

  @Test func seesTheOrderOfKeysThatAreReadOneByOne() throws {
    var reader = CBORReader(hex("a2 02 8101 01 00"))
    #expect(try reader.map() == 2)
    #expect(try reader.unsigned() == 2)
    #expect(try reader.array() == 1)
    #expect(try reader.unsigned() == 1)
    #expect(throws: CBORError.unsortedKey(offset: 4)) { try reader.unsigned() }
  }

  @Test func keysThatAreOnlyCanonicallyEquivalentAreTwoKeys() throws {
    // "ü" as one scalar and as two: equal as Swift strings, different as bytes.
    let value = try CBORValue(decoding: hex("a2 62c3bc 01 6375cc88 02"))
    let map = try #require(value.map)
    #expect(map["\u{fc}"] == .unsigned(1))
    #expect(map["u\u{308}"] == .unsigned(2))
  }

  @Test(arguments: [
    "61ff", "6180", "62c080", "63eda080", "63edbfbf", "64f4908080", "62c328", "61c3", "63e28228",
    "64f0808080", "65f888808080",
  ])
  func refusesTextThatIsNotUTF8(_ encoded: String) {
    let bytes = hex(encoded)
    #expect(throws: CBORError.invalidText(offset: 0)) { try CBORValue(decoding: bytes) }
    var reader = CBORReader(bytes)
    #expect(throws: CBORError.invalidText(offset: 0)) { try reader.raw() }
  }

  @Test(arguments: ["1c", "1d", "1e", "1f", "3c", "3f", "5d", "7e", "9c", "bd", "dc", "df", "fc"])
  func refusesReservedHeads(_ encoded: String) {
    #expect(throws: CBORError.reservedHead(offset: 0)) { try CBORValue(decoding: hex(encoded)) }
  }

  @Test(arguments: ["5f", "7f", "9f", "bf", "ff"])
  func refusesIndefiniteLengthsAndTheirEnd(_ encoded: String) {
    #expect(throws: CBORError.indefiniteLength(offset: 0)) {
      try CBORValue(decoding: hex(encoded))
    }
  }

  @Test(arguments: [("0000", 1), ("8000", 1), ("616100", 2), ("a0f6", 1)])
  func refusesTrailingBytes(_ encoded: String, _ offset: Int) {
    #expect(throws: CBORError.trailingBytes(offset: offset)) {
      try CBORValue(decoding: hex(encoded))
    }
  }
}

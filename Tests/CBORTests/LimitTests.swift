import CBOR
import Testing

/// What a head declares is checked before anything is allocated for it.
struct LimitTests {
  static let generous = CBORLimits(byteCountMax: .max, countMax: .max)

  @Test(arguments: ["9b4000000000000000", "9b7fffffffffffffff", "bb4000000000000000", "9a10000000"])
  func aCountBeyondTheInputIsRefused(_ encoded: String) {
    let bytes = hex(encoded)
    #expect(throws: CBORError.truncated(offset: 0)) {
      try CBORValue(decoding: bytes, limits: Self.generous)
    }
    #expect(throws: CBORError.tooManyItems(offset: 0)) { try CBORValue(decoding: bytes) }
  }

  @Test(arguments: ["5b4000000000000000", "5b7fffffffffffffff", "7bffffffffffffffff"])
  func aLengthBeyondTheInputIsRefused(_ encoded: String) {
    let bytes = hex(encoded)
    #expect(throws: (any Error).self) {
      try CBORValue(decoding: bytes, limits: Self.generous)
    }
    #expect(throws: CBORError.stringTooLong(offset: 0)) { try CBORValue(decoding: bytes) }
  }

  @Test func aMapNeedsTwoBytesAPair() throws {
    #expect(throws: CBORError.truncated(offset: 0)) { try CBORValue(decoding: hex("a2 00 00 01")) }
    let whole = try CBORValue(decoding: hex("a2 00 00 01 00"))
    #expect(whole.map?.count == 2)
  }

  @Test func depthIsCounted() throws {
    let limits = CBORLimits(depthMax: 3)
    let allowed = try CBORValue(decoding: hex("81 81 81 00"), limits: limits)
    #expect(allowed.kind == .array)
    #expect(throws: CBORError.tooDeep(offset: 3)) {
      try CBORValue(decoding: hex("81 81 81 80"), limits: limits)
    }
    #expect(throws: CBORError.tooDeep(offset: 4)) {
      try CBORValue(decoding: hex("a1 00 81 81 a0"), limits: limits)
    }
  }

  @Test func depthIsNotCountedAcrossSiblings() throws {
    let value = try CBORValue(decoding: hex("83 80 80 80"), limits: CBORLimits(depthMax: 2))
    #expect(value.array?.count == 3)
  }

  @Test func deepNestingIsRefusedByTheStandardLimits() {
    let bytes = [UInt8](repeating: 0x81, count: 100_000) + [0]
    #expect(throws: CBORError.tooDeep(offset: 16)) { try CBORValue(decoding: bytes) }
    var reader = CBORReader(bytes)
    #expect(throws: CBORError.tooDeep(offset: 16)) { try reader.raw() }
  }

  @Test func stringsHaveALimit() throws {
    let limits = CBORLimits(byteCountMax: 2)
    #expect(try CBORValue(decoding: hex("420102"), limits: limits) == .bytes([1, 2]))
    #expect(throws: CBORError.stringTooLong(offset: 0)) {
      try CBORValue(decoding: hex("43010203"), limits: limits)
    }
    #expect(throws: CBORError.stringTooLong(offset: 1)) {
      try CBORValue(decoding: hex("8163616263"), limits: limits)
    }
  }

  @Test func countsHaveALimit() throws {
    let limits = CBORLimits(countMax: 1)
    #expect(try CBORValue(decoding: hex("8100"), limits: limits).array?.count == 1)
    #expect(throws: CBORError.tooManyItems(offset: 0)) {
      try CBORValue(decoding: hex("820000"), limits: limits)
    }
    #expect(throws: CBORError.tooManyItems(offset: 0)) {
      try CBORValue(decoding: hex("a200000100"), limits: limits)
    }
  }

  @Test func aLimitOfOneReadTakesThePlaceOfTheGeneralOne() throws {
    let limits = CBORLimits(byteCountMax: 1, countMax: 1)
    var reader = CBORReader(hex("420102 626162 820000 a200000100"), limits: limits)
    #expect(try reader.bytes(max: 2) == [1, 2])
    #expect(try reader.text(max: 2) == "ab")
    #expect(try reader.array(max: 2) == 2)
    _ = try (reader.unsigned(), reader.unsigned())
    #expect(try reader.map(max: 2) == 2)

    var strict = CBORReader(hex("820000"))
    #expect(throws: CBORError.tooManyItems(offset: 0)) { try strict.array(max: 1) }
    var negative = CBORReader(hex("4100"))
    #expect(throws: CBORError.stringTooLong(offset: 0)) { try negative.bytes(max: -1) }
  }
}

import Signing
import TestSupport
import Testing

@testable import Sealing

struct SealedFieldTests {
  private let random = SeededRandom(seed: 91)
  private let hint: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

  private func seal(_ text: [UInt8], _ key: SymmetricKey, _ place: [UInt8]) throws -> [UInt8] {
    try SealedField.seal(
      text, key: key, epochHint: hint, associatedData: place, random: random)
  }

  @Test func opensInItsPlaceAlone() throws {
    let key = SymmetricKey(random: random)
    for byteCount in [0, 1, 15, 16, 17, 300, 70_000, SealedField.plaintextByteCountMax] {
      let text = random.bytes(byteCount)
      let sealed = try seal(text, key, [1])
      #expect(SealedField.epochHint(of: sealed) == hint)
      #expect(try SealedField.open(sealed, key: key, associatedData: [1]) == text)
      #expect(throws: SealingError.authenticationFailed) {
        try SealedField.open(sealed, key: key, associatedData: [2])
      }
      #expect(throws: SealingError.authenticationFailed) {
        try SealedField.open(sealed, key: SymmetricKey(random: random), associatedData: [1])
      }
    }
  }

  @Test func shortFieldsStayInTheBudget() throws {
    let key = SymmetricKey(random: random)
    for byteCount in 0...256 {
      let sealed = try seal(random.bytes(byteCount), key, [])
      #expect(sealed.count == Padding.paddedCount(byteCount) + SealedField.overheadByteCount)
      #expect(sealed.count - byteCount <= 85)
    }
  }

  @Test func everyByteIsCovered() throws {
    let key = SymmetricKey(random: random)
    let sealed = try seal(random.bytes(20), key, [1])
    for index in sealed.indices {
      var altered = sealed
      altered[index] ^= 1 << UInt8(random.next() % 8)
      let expected: SealingError = index == 0 ? .unknownSuite : .authenticationFailed
      #expect(throws: expected, "\(index)") {
        try SealedField.open(altered, key: key, associatedData: [1])
      }
    }
  }

  @Test func everyCutIsNoticed() throws {
    let key = SymmetricKey(random: random)
    let sealed = try seal(random.bytes(20), key, [1])
    for count in sealed.indices {
      let expected: SealingError =
        count < SealedField.overheadByteCount ? .malformed : .authenticationFailed
      #expect(throws: expected, "\(count)") {
        try SealedField.open(Array(sealed[..<count]), key: key, associatedData: [1])
      }
    }
    #expect(throws: SealingError.authenticationFailed) {
      try SealedField.open(sealed + [0], key: key, associatedData: [1])
    }
  }

  @Test func limits() throws {
    let key = SymmetricKey(random: random)
    let text = [UInt8](repeating: 0, count: SealedField.plaintextByteCountMax + 1)
    #expect(throws: SealingError.tooLarge) { try seal(text, key, []) }
    let huge = [Suite.one] + [UInt8](repeating: 0, count: 400_000)
    #expect(throws: SealingError.tooLarge) {
      try SealedField.open(huge, key: key, associatedData: [])
    }
    #expect(SealedField.epochHint(of: []) == nil)
    #expect(SealedField.epochHint(of: [2] + [UInt8](repeating: 0, count: 100)) == nil)
  }

  @Test func sealingTwiceGivesUnrelatedBytes() throws {
    let key = SymmetricKey(random: random)
    let text = random.bytes(40)
    let sealer = FieldSealer(epochKey: key, epochHint: hint)
    let first = try sealer.seal(text, associatedData: [1], random: random)
    let second = try sealer.seal(text, associatedData: [1], random: random)
    let equalCount = zip(first[9...], second[9...]).count { $0 == $1 }
    #expect(equalCount < 10)
    #expect(try sealer.open(first, associatedData: [1]) == text)
    #expect(try SealedField.open(second, key: key, associatedData: [1]) == text)
  }

  @Test func sameRandomnessSameBytes() throws {
    let key = SymmetricKey(random: SeededRandom(seed: 1))
    let sealed = try (0..<2).map { _ in
      try SealedField.seal(
        [1, 2, 3], key: key, epochHint: hint, associatedData: [4], random: SeededRandom(seed: 2))
    }
    #expect(sealed[0] == sealed[1])
  }
}

import Sealing
import Signing
import TestSupport
import Testing

struct KeyWrapTests {
  private let random = SeededRandom(seed: 101)
  private let hint: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]

  @Test func opensForItsPurposeAlone() throws {
    let key = SymmetricKey(random: random)
    let fileKey = FileKey(random: random)
    let wrap = fileKey.withBytes {
      KeyWrap.seal($0, key: key, epochHint: hint, associatedData: [1], random: random)
    }
    #expect(wrap.count == FileKey.byteCount + KeyWrap.overheadByteCount)
    #expect(KeyWrap.epochHint(of: wrap) == hint)
    let opened = try KeyWrap.open(wrap, key: key, associatedData: [1])
    let again = FileKey(copying: opened)
    #expect(try #require(again).matches(fileKey.commitment(context: []), context: []))
    #expect(throws: SealingError.authenticationFailed) {
      _ = try KeyWrap.open(wrap, key: key, associatedData: [2]).count
    }
    #expect(throws: SealingError.authenticationFailed) {
      _ = try KeyWrap.open(wrap, key: SymmetricKey(random: random), associatedData: [1]).count
    }
    // The sub-keys keep the two purposes apart.
    #expect(throws: SealingError.authenticationFailed) {
      try SealedField.open(wrap, key: key, associatedData: [1])
    }
  }

  @Test func everyByteAndCutIsNoticed() throws {
    let key = SymmetricKey(random: random)
    let wrap = KeyWrap.seal(
      SecretBytes([1, 2, 3]), key: key, epochHint: hint, associatedData: [1], random: random)
    for index in wrap.indices {
      var altered = wrap
      altered[index] ^= 0x10
      let expected: SealingError = index == 0 ? .unknownSuite : .authenticationFailed
      #expect(throws: expected, "\(index)") {
        _ = try KeyWrap.open(altered, key: key, associatedData: [1]).count
      }
      #expect(throws: SealingError.self, "\(index)") {
        _ = try KeyWrap.open(Array(wrap[..<index]), key: key, associatedData: [1]).count
      }
    }
    let huge = [Suite.one] + [UInt8](repeating: 0, count: 10_000)
    #expect(throws: SealingError.tooLarge) {
      _ = try KeyWrap.open(huge, key: key, associatedData: []).count
    }
  }
}

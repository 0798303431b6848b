import Signing
import TestSupport
import Testing

@testable import Sealing

struct PaddingTests {
  /// Text length, padded length. From PADMÉ's rule for one byte more, because of the mark.
  @Test(arguments: [
    (0, 16), (1, 16), (14, 16), (15, 16), (16, 18), (17, 18), (18, 20), (31, 32), (32, 36),
    (99, 104), (103, 104), (104, 112), (199, 208), (255, 256), (256, 272), (999, 1_024),
    (9_999, 10_240), (99_999, 100_352), (262_143, 262_144),
  ])
  func table(_ byteCount: Int, _ padded: Int) {
    #expect(Padding.paddedCount(byteCount) == padded)
  }

  @Test func costsLittleAndNeverShrinks() {
    var previous = 0
    for byteCount in 0..<20_000 {
      let padded = Padding.paddedCount(byteCount)
      #expect(padded > byteCount)
      #expect(padded >= previous)
      if byteCount >= 16 { #expect((padded - byteCount - 1) * 100 <= (byteCount + 1) * 12) }
      previous = padded
    }
  }

  @Test func bothWays() {
    let random = SeededRandom(seed: 81)
    for byteCount in [0, 1, 15, 16, 17, 100, 1_000] {
      var text = random.bytes(byteCount)
      #expect(Padding.unpad(Padding.pad(text)) == text)
      // Texts that end like padding.
      text += [0x80, 0, 0]
      #expect(Padding.unpad(Padding.pad(text)) == text)
    }
  }

  @Test func onlyItsOwnPaddingIsTaken() {
    #expect(Padding.unpad([]) == nil)
    #expect(Padding.unpad([0x80]) == nil)
    #expect(Padding.unpad([UInt8](repeating: 0, count: 16)) == nil)
    #expect(Padding.unpad([UInt8](repeating: 1, count: 16)) == nil)
    #expect(Padding.unpad([0x80] + [UInt8](repeating: 0, count: 15)) == [])
    #expect(Padding.unpad([0x80] + [UInt8](repeating: 0, count: 17)) == nil)
  }
}

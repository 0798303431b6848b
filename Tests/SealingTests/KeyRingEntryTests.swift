import Sealing
import Signing
import TestSupport
import Testing

struct KeyRingEntryTests {
  private let random = SeededRandom(seed: 131)

  @Test func opensUnderItsNameAlone() throws {
    let key = SymmetricKey(random: random)
    let secret = random.bytes(32)
    let entry = KeyRingEntry.seal(
      SecretBytes(secret), name: "device/identity", key: key, random: random)
    #expect(entry.count == 32 + KeyRingEntry.overheadByteCount)
    #expect(try KeyRingEntry.open(entry, name: "device/identity", key: key).array() == secret)
    #expect(throws: SealingError.authenticationFailed) {
      _ = try KeyRingEntry.open(entry, name: "device/exchange", key: key).count
    }
    #expect(throws: SealingError.authenticationFailed) {
      let other = SymmetricKey(random: random)
      _ = try KeyRingEntry.open(entry, name: "device/identity", key: other).count
    }
  }

  @Test func everyByteAndCutIsNoticed() throws {
    let key = SymmetricKey(random: random)
    let entry = KeyRingEntry.seal(SecretBytes([1, 2]), name: "x", key: key, random: random)
    for index in entry.indices {
      var altered = entry
      altered[index] ^= 0x80
      let expected: SealingError = index == 0 ? .unknownSuite : .authenticationFailed
      #expect(throws: expected, "\(index)") {
        _ = try KeyRingEntry.open(altered, name: "x", key: key).count
      }
      #expect(throws: SealingError.self, "\(index)") {
        _ = try KeyRingEntry.open(Array(entry[..<index]), name: "x", key: key).count
      }
    }
    let huge = [Suite.one] + [UInt8](repeating: 0, count: 10_000)
    #expect(throws: SealingError.tooLarge) {
      _ = try KeyRingEntry.open(huge, name: "x", key: key).count
    }
  }
}

import Signing
import TestSupport
import Testing

@Suite struct DigestTests {
  @Test func roundTripsBytesAndHex() throws {
    let bytes = (0..<32).map { UInt8($0 * 7) }
    let digest = try #require(Digest(bytes))
    #expect(digest.bytes == bytes)
    #expect(Digest(hex: digest.hex) == digest)
    #expect(Digest(hex: digest.hex.uppercased()) == digest)
    #expect(digest.description == digest.hex)
    #expect(digest.hex.hasPrefix("00070e15"))
  }

  @Test func acceptsOtherCollections() throws {
    let bytes = [UInt8](repeating: 5, count: 34)
    let slice = try #require(Digest(bytes[1..<33]))
    let lazily = try #require(Digest((0..<32).lazy.map { _ in UInt8(5) }))
    #expect(slice == lazily)
  }

  @Test(arguments: [0, 31, 33, 64])
  func refusesOtherLengths(count: Int) {
    #expect(Digest([UInt8](repeating: 0, count: count)) == nil)
    #expect(Digest(hex: String(repeating: "00", count: count)) == nil)
  }

  @Test func refusesWhatIsNotHexadecimal() {
    #expect(Digest(hex: String(repeating: "0g", count: 32)) == nil)
    #expect(Digest(hex: String(repeating: "é", count: 32)) == nil)
    #expect(Digest(hex: String(repeating: " 0", count: 32)) == nil)
  }

  @Test func comparesAsBytesDo() throws {
    var random = SplitMix64(seed: 1)
    for _ in 0..<500 {
      var left = random.bytes(32)
      var right = left
      // Mostly equal values, so that every position decides sometimes.
      left[Int.random(in: 0..<32, using: &random)] = UInt8.random(in: 0...255, using: &random)
      right[Int.random(in: 0..<32, using: &random)] = UInt8.random(in: 0...255, using: &random)
      let first = try #require(Digest(left))
      let second = try #require(Digest(right))
      let expected = left.lexicographicallyPrecedes(right)
      #expect((first < second) == expected)
      #expect((first == second) == (left == right))
    }
  }

  @Test func zeroIsZeros() {
    #expect(Digest.zero.bytes == [UInt8](repeating: 0, count: 32))
  }
}

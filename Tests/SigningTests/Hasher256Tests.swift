import Signing
import TestSupport
import Testing

@Suite struct Hasher256Tests {
  /// As `b2sum -l 256` prints them.
  @Test(arguments: [
    ("", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"),
    ("abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"),
  ])
  func contentIsPlainBLAKE2b(text: String, expected: String) {
    let bytes = Array(text.utf8)
    #expect(Hasher256.content(bytes).hex == expected)
    var hasher = Hasher256.content()
    for byte in bytes { hasher.update([byte]) }
    #expect(hasher.finalize().hex == expected)
  }

  @Test func piecesDoNotMatter() {
    var random = SplitMix64(seed: 2)
    let message = random.bytes(1000)
    let whole = Hasher256.content(message)
    for _ in 0..<50 {
      var hasher = Hasher256.content()
      var rest = message[...]
      while !rest.isEmpty {
        let count = Int.random(in: 0...200, using: &random)
        hasher.update(rest.prefix(count))
        rest = rest.dropFirst(count)
      }
      #expect(hasher.finalize() == whole)
    }
  }

  @Test func domainIsHashedFirst() {
    var hasher = Hasher256(domain: "ab")
    hasher.update([1, 2])
    #expect(hasher.finalize() == Hasher256.content([2, 0x61, 0x62, 1, 2]))
  }

  @Test func numbersAreBigEndian() {
    var hasher = Hasher256.content()
    hasher.update(0x0102_0304_0506_0708 as UInt64)
    #expect(hasher.finalize() == Hasher256.content([1, 2, 3, 4, 5, 6, 7, 8]))
  }

  @Test func digestsAreTheirBytes() {
    let digest = Hasher256.content([1])
    var hasher = Hasher256.content()
    hasher.update(digest)
    #expect(hasher.finalize() == Hasher256.content(digest.bytes))
  }

  @Test func partsAreDelimited() {
    let apart = Hasher256.hash(domain: "d", [1, 2], [3])
    let other = Hasher256.hash(domain: "d", [1], [2, 3])
    #expect(apart != other)
    let lengths: [UInt8] = [0, 0, 0, 0, 0, 0, 0]
    #expect(apart == Hasher256.content([1, 0x64] + lengths + [2, 1, 2] + lengths + [1, 3]))
  }

  @Test func domainsSeparate() {
    #expect(Hasher256.hash(domain: "a", [1]) != Hasher256.hash(domain: "b", [1]))
  }

  @Test func goesOnAfterFinalizing() {
    var hasher = Hasher256.content()
    hasher.update([1])
    let first = hasher.finalize()
    let copy = hasher
    hasher.update([2])
    #expect(first == Hasher256.content([1]))
    #expect(copy.finalize() == first)
    #expect(hasher.finalize() == Hasher256.content([1, 2]))
  }
}

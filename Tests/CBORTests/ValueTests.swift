import CBOR
import TestSupport
import Testing

struct ValueTests {
  @Test func canonicallyEquivalentTextsAreDifferentValues() {
    let composed = CBORValue.text("\u{fc}")
    let decomposed = CBORValue.text("u\u{308}")
    #expect(composed.text == decomposed.text)
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
  }

  @Test func integersKeepTheirSign() {
    #expect(CBORValue.integer(-1) == .negative(0))
    #expect(CBORValue.integer(0) == .unsigned(0))
    #expect(CBORValue.integer(.min).integer == .min)
    #expect(CBORValue.integer(.max).integer == .max)
    #expect(CBORValue.unsigned(.max).integer == nil)
    #expect(CBORValue.negative(.max).integer == nil)
  }

  @Test func accessorsAnswerForTheirKindOnly() {
    #expect(CBORValue.text("a").text == "a")
    #expect(CBORValue.text("a").bytes == nil)
    #expect(CBORValue.bytes([1]).bytes == [1])
    #expect(CBORValue.bytes([1]).text == nil)
    #expect(CBORValue.bool(false).bool == false)
    #expect(CBORValue.null.bool == nil)
    #expect(CBORValue.array([.null]).array == [.null])
    #expect(CBORValue.array([]).map == nil)
  }

  @Test func mapsSortTheirEntriesByEncodedKey() {
    let keys: [CBORValue] = [
      .null, .bool(true), .bool(false), .text("aa"), .text("z"), .text(""), .bytes([1]),
      .negative(0), .unsigned(1000), .unsigned(10), .array([]), .map([:]),
    ]
    let map = CBORMap(keys.map { (key: $0, value: .null) })
    let encoded = map.entries.map(\.key.encoded)
    #expect(encoded == keys.map(\.encoded).sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test func mapsFindTheirKeys() {
    let map = CBORMap((0..<100).map { (key: .unsigned($0), value: .integer(Int64($0) * 2)) })
    #expect(map.count == 100)
    #expect(map[.unsigned(63)] == .unsigned(126))
    #expect(map[.unsigned(100)] == nil)
    #expect(map["63"] == nil)
  }

  @Test func orderOfKeysIsTheOrderOfTheirEncodings() {
    var generator = SplitMix64(seed: 7)
    for _ in 0..<300 {
      let left = CBORValue.random(depth: 2, using: &generator)
      let right = CBORValue.random(depth: 2, using: &generator)
      guard left != right else { continue }
      let map = CBORMap([(left, .null), (right, .null)])
      let leftIsFirst = left.encoded.lexicographicallyPrecedes(right.encoded)
      #expect(map.entries[0].key == (leftIsFirst ? left : right))
    }
  }
}

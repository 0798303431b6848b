import CBOR
import Testing

struct SameItemsTests {
  /// [[1, "a", "b"], [2, "a", "b"], [3, "a", "c"], [4, "a"]]
  private let bytes = hex("84 83 01 6161 6162 83 02 6161 6162 83 03 6161 6163 82 04 6161")

  @Test func stepsOverItemsThatAreTheSame() throws {
    var reader = CBORReader(bytes)
    #expect(try reader.array() == 4)
    #expect(try reader.array() == 3)
    #expect(try reader.unsigned() == 1)
    let start = reader.offset
    #expect(try reader.text() == "a")
    #expect(try reader.text() == "b")
    let same = reader.bytes(from: start, to: reader.offset)
    #expect(Array(same) == hex("6161 6162"))

    #expect(try reader.array() == 3)
    #expect(try reader.unsigned() == 2)
    #expect(try reader.skipSame(as: same, count: 2))

    // The array that it was in has ended with it.
    #expect(try reader.array() == 3)
    #expect(try reader.unsigned() == 3)
    #expect(try !reader.skipSame(as: same, count: 2))
    #expect(try reader.text() == "a")
    #expect(try reader.text() == "c")

    // Fewer items than that are left.
    #expect(try reader.array() == 2)
    #expect(try reader.unsigned() == 4)
    #expect(try !reader.skipSame(as: same, count: 2))
    #expect(try reader.skipSame(as: same.prefix(2), count: 1))
    try reader.finish()
  }

  @Test func stepsOverNothingInAMap() throws {
    var reader = CBORReader(hex("a2 01 02 02 03"))
    #expect(try reader.map() == 2)
    #expect(try !reader.skipSame(as: hex("01 02")[...], count: 2))
  }
}

import CBOR
import Testing

/// The examples of RFC 8949, Appendix A.
struct AppendixATests {
  static let inside: [(String, CBORValue)] = [
    ("00", .unsigned(0)), ("01", .unsigned(1)), ("0a", .unsigned(10)), ("17", .unsigned(23)),
    ("1818", .unsigned(24)), ("1819", .unsigned(25)), ("1864", .unsigned(100)),
    ("1903e8", .unsigned(1000)), ("1a000f4240", .unsigned(1_000_000)),
    ("1b000000e8d4a51000", .unsigned(1_000_000_000_000)),
    ("1bffffffffffffffff", .unsigned(18_446_744_073_709_551_615)),
    ("3bffffffffffffffff", .negative(18_446_744_073_709_551_615)),
    ("20", .integer(-1)), ("29", .integer(-10)), ("3863", .integer(-100)),
    ("3903e7", .integer(-1000)),
    ("f4", .bool(false)), ("f5", .bool(true)), ("f6", .null),
    ("40", .bytes([])), ("4401020304", .bytes([1, 2, 3, 4])),
    ("60", .text("")), ("6161", .text("a")), ("6449455446", .text("IETF")),
    ("62225c", .text("\"\\")), ("62c3bc", .text("\u{fc}")), ("63e6b0b4", .text("\u{6c34}")),
    ("64f0908591", .text("\u{10151}")),
    ("80", .array([])), ("83010203", .array([.unsigned(1), .unsigned(2), .unsigned(3)])),
    (
      "8301820203820405",
      .array([
        .unsigned(1), .array([.unsigned(2), .unsigned(3)]), .array([.unsigned(4), .unsigned(5)]),
      ])
    ),
    (
      "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
      .array((1...25).map { .unsigned($0) })
    ),
    ("a0", .map([:])),
    ("a201020304", .map([.unsigned(1): .unsigned(2), .unsigned(3): .unsigned(4)])),
    (
      "a26161016162820203",
      .map([.text("a"): .unsigned(1), .text("b"): .array([.unsigned(2), .unsigned(3)])])
    ),
    ("826161a161626163", .array([.text("a"), .map([.text("b"): .text("c")])])),
    (
      "a56161614161626142616361436164614461656145",
      .map([
        .text("a"): .text("A"), .text("b"): .text("B"), .text("c"): .text("C"),
        .text("d"): .text("D"), .text("e"): .text("E"),
      ])
    ),
  ]

  @Test(arguments: inside)
  func decodes(_ encoded: String, _ value: CBORValue) throws {
    let decoded = try CBORValue(decoding: hex(encoded))
    #expect(decoded == value)
  }

  @Test(arguments: inside)
  func encodes(_ encoded: String, _ value: CBORValue) {
    #expect(value.encoded == hex(encoded))
  }

  @Test(arguments: [
    "f90000", "f98000", "f93c00", "fb3ff199999999999a", "f93e00", "f97bff", "fa47c35000",
    "fa7f7fffff", "fb7e37e43c8800759c", "f90001", "f90400", "f9c400", "fbc010666666666666",
    "f97c00", "f97e00", "f9fc00", "fa7f800000", "fa7fc00000", "faff800000", "fb7ff0000000000000",
    "fb7ff8000000000000", "fbfff0000000000000",
  ])
  func refusesFloats(_ encoded: String) {
    #expect(throws: CBORError.float(offset: 0)) { try CBORValue(decoding: hex(encoded)) }
  }

  @Test(arguments: [
    "c249010000000000000000", "c349010000000000000000",
    "c074323031332d30332d32315432303a30343a30305a", "c11a514b67b0", "c1fb41d452d9e8100000",
    "d74401020304", "d818456449455446", "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
  ])
  func refusesTags(_ encoded: String) {
    #expect(throws: CBORError.tag(offset: 0)) { try CBORValue(decoding: hex(encoded)) }
  }

  @Test(arguments: [
    ("f7", CBORError.undefined(offset: 0)), ("f0", .simpleValue(offset: 0)),
    ("f8ff", .simpleValue(offset: 0)), ("f820", .simpleValue(offset: 0)),
  ])
  func refusesOtherSimpleValues(_ encoded: String, _ error: CBORError) {
    #expect(throws: error) { try CBORValue(decoding: hex(encoded)) }
  }

  @Test(arguments: [
    ("5f42010243030405ff", 0), ("7f657374726561646d696e67ff", 0), ("9fff", 0),
    ("9f018202039f0405ffff", 0), ("9f01820203820405ff", 0), ("83018202039f0405ff", 5),
    ("83019f0203ff820405", 2), ("bf61610161629f0203ffff", 0), ("826161bf61626163ff", 3),
    ("bf6346756ef563416d7421ff", 0),
  ])
  func refusesIndefiniteLengths(_ encoded: String, _ offset: Int) {
    #expect(throws: CBORError.indefiniteLength(offset: offset)) {
      try CBORValue(decoding: hex(encoded))
    }
  }
}

import CBOR
import Testing

struct ReaderTests {
  @Test func readsWhatTheWriterWrote() throws {
    var writer = CBORWriter(capacity: 64)
    writer.array(count: 9)
    writer.unsigned(.max)
    writer.integer(.min)
    writer.integer(7)
    writer.bytes([1, 2, 3])
    writer.bytes([0, 1, 2, 3][2...])
    [UInt8]([9, 8]).withUnsafeBytes { writer.bytes($0) }
    writer.text("wörd")
    writer.bool(true)
    writer.null()

    var reader = CBORReader(writer.bytes)
    #expect(try reader.array() == 9)
    #expect(try reader.unsigned() == .max)
    #expect(try reader.integer() == .min)
    #expect(try reader.integer() == 7)
    #expect(try reader.bytes() == [1, 2, 3])
    #expect(try reader.bytes() == [2, 3])
    #expect(try reader.bytes() == [9, 8])
    #expect(try reader.text() == "wörd")
    #expect(try reader.bool())
    let isNull = reader.nextIsNull()
    #expect(isNull)
    try reader.null()
    let isAtEnd = reader.isAtEnd
    #expect(isAtEnd)
    try reader.finish()
  }

  @Test func rawReturnsTheBytesOfOneItem() throws {
    var reader = CBORReader(hex("82 a1 6161 8101 f5"))
    #expect(try reader.array() == 2)
    #expect(try Array(reader.raw()) == hex("a161618101"))
    #expect(reader.offset == 6)
    #expect(try Array(reader.raw()) == hex("f5"))
    try reader.finish()
  }

  @Test func writesRawItemsAsTheyAre() {
    var writer = CBORWriter()
    writer.map(count: 1)
    writer.raw(hex("6161"))
    writer.raw(hex("008101")[1...])
    #expect(writer.bytes == hex("a161618101"))
  }

  @Test func offsetsCountFromTheStartOfASlice() throws {
    let bytes = hex("ffff 820102 ff")
    var reader = CBORReader(bytes[2..<5])
    #expect(reader.offset == 0)
    #expect(try reader.array() == 2)
    #expect(reader.offset == 1)
    #expect(throws: CBORError.unexpectedKind(.unsigned, offset: 1)) { try reader.text() }
    #expect(try reader.unsigned() == 1)
    let raw = try reader.raw()
    #expect(raw.startIndex == 4)
    try reader.finish()
  }

  @Test(arguments: [
    ("00", CBORKind.unsigned), ("20", .negative), ("40", .bytes), ("60", .text), ("80", .array),
    ("a0", .map), ("f4", .bool), ("f5", .bool), ("f6", .null),
  ])
  func peeks(_ encoded: String, _ kind: CBORKind) throws {
    let reader = CBORReader(hex(encoded))
    #expect(try reader.peek() == kind)
    #expect(reader.nextIsNull() == (kind == .null))
    #expect(reader.offset == 0)
  }

  @Test func peekRefusesWhatIsOutsideTheSubset() {
    #expect(throws: CBORError.truncated(offset: 0)) { try CBORReader([]).peek() }
    #expect(throws: CBORError.float(offset: 0)) { try CBORReader([0xf9]).peek() }
    #expect(throws: CBORError.tag(offset: 0)) { try CBORReader([0xc0]).peek() }
  }

  @Test func refusesTheWrongKind() {
    let bytes = hex("f6")
    let error = CBORError.unexpectedKind(.null, offset: 0)
    #expect(throws: error) {
      var reader = CBORReader(bytes)
      _ = try reader.unsigned()
    }
    #expect(throws: error) {
      var reader = CBORReader(bytes)
      _ = try reader.integer()
    }
    #expect(throws: error) {
      var reader = CBORReader(bytes)
      _ = try reader.bytes()
    }
    #expect(throws: error) {
      var reader = CBORReader(bytes)
      _ = try reader.array()
    }
    #expect(throws: error) {
      var reader = CBORReader(bytes)
      _ = try reader.bool()
    }
    #expect(throws: CBORError.unexpectedKind(.bool, offset: 0)) {
      var reader = CBORReader(hex("f5"))
      try reader.null()
    }
  }

  @Test(arguments: ["1b8000000000000000", "3b8000000000000000", "1bffffffffffffffff"])
  func refusesIntegersThatDoNotFit(_ encoded: String) {
    var reader = CBORReader(hex(encoded))
    #expect(throws: CBORError.outOfRange(offset: 0)) { try reader.integer() }
  }

  @Test func readsTheIntegersAtTheEdge() throws {
    var reader = CBORReader(hex("1b7fffffffffffffff 3b7fffffffffffffff"))
    #expect(try reader.integer() == .max)
    #expect(try reader.integer() == .min)
  }

  @Test func finishRefusesAnArrayThatWasLeftOpen() throws {
    var reader = CBORReader(hex("8100"))
    _ = try reader.array()
    #expect(throws: CBORError.trailingBytes(offset: 1)) { try reader.finish() }
    _ = try reader.unsigned()
    try reader.finish()
  }
}

import CBOR
import Testing

@testable import Merge

struct WrittenFieldsTests {
  private let type = RecordType(
    name: "thing", space: .casework, parent: nil, concurrentDelete: .editWins, history: .compact,
    fields: ["b", "a"].map {
      Field(name: $0, kind: .text, sealed: false, rule: .latest, sizeMax: 9)
    }
      + [Field(name: "set", kind: .set(.text), sealed: false, rule: .addWins, sizeMax: 9)],
    workflows: [], creators: [.staff], deleters: [.staff], createPermission: nil)

  private func change(_ keys: String...) throws -> RecordChange {
    RecordChange(
      type: "thing", record: try #require(RecordID([UInt8](repeating: 1, count: 16))),
      operation: .update, writes: keys.map { FieldWrite(key: $0, value: .text("x")) })
  }

  @Test func findsEachWritesFieldAndTellsShapesApart() throws {
    var fields = WrittenFields()
    #expect(try fields.places(of: change("a", "b"), type) == [0, 1])
    let first = fields.shape
    #expect(try fields.places(of: change("a", "b"), type) == [0, 1])
    #expect(fields.shape == first)
    #expect(try fields.places(of: change("b", "a"), type) == [1, 0])
    #expect(fields.shape != first)
    #expect(try fields.places(of: change("b", "set/one", "unknown"), type) == [1, 2, nil])
    #expect(try fields.places(of: change(), type) == [])
  }

  @Test func anElementMayBeginWithACombiningMark() {
    let write = FieldWrite(key: "set/\u{301}e", value: .bool(true))
    #expect(write.field == "set")
    #expect(write.element == "\u{301}e")
  }
}

import Merge
import Testing

@testable import Schemas

/// Values held against the fields of the built-in types.
struct ValueCheckTests {
  private func field(_ type: String, _ name: String) throws -> Field {
    try #require(BuiltInSchema.schema.type(type)?.field(name))
  }

  private func make(
    _ kind: Field.Kind, sizeMin: Int = 0, sizeMax: Int = 4, itemSize: ClosedRange<Int> = 0...4,
    rule: Rule = .latest
  ) -> Field {
    Field(
      name: "f", kind: kind, sealed: false, rule: rule, sizeMax: sizeMax, sizeMin: sizeMin,
      itemSize: itemSize)
  }

  private func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 7, count: count) }

  @Test func text() {
    let field = make(.text)
    #expect(field.check(.text("")) == nil)
    #expect(field.check(.text("abcd")) == nil)
    #expect(field.check(.text("abcde")) == .wrongSize(0...4))
    // Bytes count, not characters.
    #expect(field.check(.text("üüü")) == .wrongSize(0...4))
    #expect(field.check(.text("a\0b")) == .zeroCharacter)
    #expect(field.check(.bytes([1])) == .wrongKind(expected: .text))
  }

  @Test func bytes() {
    #expect(make(.bytes, sizeMin: 2).check(.bytes([1, 2])) == nil)
    #expect(make(.bytes, sizeMin: 2).check(.bytes([1])) == .wrongSize(2...4))
    #expect(make(.bytes).check(.bytes(bytes(5))) == .wrongSize(0...4))
    #expect(make(.bytes).check(.text("a")) == .wrongKind(expected: .bytes))
  }

  @Test func integersAndTimes() {
    #expect(make(.integer).check(.integer(.min)) == nil)
    #expect(make(.integer).check(.unsigned(.max)) == .outOfRange)
    #expect(make(.integer).check(.negative(.max)) == .outOfRange)
    #expect(make(.integer).check(.text("1")) == .wrongKind(expected: .integer))
    #expect(make(.time).check(.integer(253_402_300_799_999)) == nil)
    #expect(make(.time).check(.integer(253_402_300_800_000)) == .outOfRange)
    #expect(make(.time).check(.integer(-62_135_596_800_000)) == nil)
    #expect(make(.time).check(.integer(-62_135_596_800_001)) == .outOfRange)
    #expect(make(.time).check(.null) == nil)
  }

  @Test func booleansAndIdentifiers() {
    #expect(make(.boolean).check(.bool(false)) == nil)
    #expect(make(.boolean).check(.unsigned(1)) == .wrongKind(expected: .boolean))
    #expect(make(.account).check(.bytes(bytes(32))) == nil)
    #expect(make(.account).check(.bytes(bytes(31))) == .wrongSize(32...32))
    #expect(make(.record("x")).check(.bytes(bytes(16))) == nil)
    #expect(make(.record("x")).check(.bytes(bytes(17))) == .wrongSize(16...16))
  }

  @Test func enumerations() throws {
    let severity = try field("ticket", "severity")
    #expect(severity.check(.text("major")) == nil)
    #expect(severity.check(.text("Major")) == .undeclaredValue)
    #expect(severity.check(.unsigned(1)) == .wrongKind(expected: .text))
  }

  @Test func lists() {
    let field = make(.list(.bytes), sizeMax: 2, itemSize: 2...2)
    #expect(field.check(.array([])) == nil)
    #expect(field.check(.array([.bytes([1, 2]), .bytes([3, 4])])) == nil)
    #expect(field.check(.array([.bytes([1, 2]), .bytes([3])])) == .element(1, .wrongSize(2...2)))
    #expect(field.check(.array([.null])) == .element(0, .wrongKind(expected: .bytes)))
    #expect(field.check(.array([.null, .null, .null])) == .wrongSize(0...2))
    #expect(field.check(.bytes([1])) == .wrongKind(expected: .list))
  }

  @Test func sets() throws {
    let labels = try field("ticket", "labels")
    #expect(labels.check(.array([.text("a")])) == .wholeSet)
    #expect(labels.check(.null) == .wholeSet)
    #expect(labels.checkElement(.text("a")) == nil)
    #expect(labels.checkElement(.text(String(repeating: "a", count: 101))) == .wrongSize(0...100))
    #expect(labels.checkElement(.null) == .wrongKind(expected: .text))
    let title = try field("ticket", "title")
    #expect(title.checkElement(.text("a")) == .notASet)
  }

  @Test func groups() throws {
    let decision = try field("assignment", "client_decision")
    #expect(decision.check(.map([.text("decision"): .text("approved")])) == nil)
    #expect(
      decision.check(
        .map([
          .text("decision"): .text("approved"), .text("until"): .integer(1),
          .text("permissions"): .array([.text("view_files")]), .text("reason"): .null,
        ])) == nil)
    #expect(decision.check(.map([:])) == .component("decision", .missing))
    #expect(
      decision.check(.map([.text("decision"): .null])) == .component("decision", .missing))
    #expect(
      decision.check(.map([.text("decision"): .text("maybe")]))
        == .component("decision", .undeclaredValue))
    #expect(
      decision.check(
        .map([
          .text("decision"): .text("approved"), .text("permissions"): .array([.text("fly")]),
        ])) == .component("permissions", .element(0, .undeclaredValue)))
    #expect(
      decision.check(.map([.text("decision"): .text("approved"), .text("more"): .null]))
        == .undeclaredComponent)
    #expect(
      decision.check(.map([.text("decision"): .text("approved"), .unsigned(1): .null]))
        == .undeclaredComponent)
    #expect(decision.check(.text("approved")) == .wrongKind(expected: .group))
  }

  @Test func nullClearsWhatMayBeCleared() throws {
    #expect(try field("ticket", "assignee").check(.null) == nil)
    #expect(try field("ticket", "description").check(.null) == nil)
    #expect(try field("ticket", "title").check(.null) == .missing)
    #expect(try field("ticket", "status").check(.null) == .notClearable)
    #expect(try field("share", "access").check(.null) == .notClearable)
  }

  @Test func sealedFieldsHoldBytes() throws {
    let title = try field("ticket", "title")
    let max = title.sealedByteCountMax
    #expect(title.check(.bytes(bytes(100))) == nil)
    #expect(title.check(.bytes(bytes(max))) == nil)
    #expect(title.check(.bytes(bytes(max + 1))) == .wrongSize(1...max))
    #expect(title.check(.bytes([])) == .wrongSize(1...max))
    #expect(title.check(.text("plain")) == .wrongKind(expected: .sealed))
    #expect(title.checkUnsealed(.text("plain")) == nil)
    #expect(title.checkUnsealed(.bytes([1])) == .wrongKind(expected: .text))
  }

  /// PADMÉ (Nikitin et al., 2019) keeps the upper bits of a length and rounds up the rest.
  @Test(arguments: [1, 16, 33, 400, 1025, 16_385, 32_769, 65_536])
  func aSealedValueMayBePadded(_ sizeMax: Int) {
    let field = Field(name: "f", kind: .text, sealed: true, rule: .latest, sizeMax: sizeMax)
    let plain = sizeMax + 5
    let exponent = Int.bitWidth - 1 - plain.leadingZeroBitCount
    let kept = Int.bitWidth - exponent.leadingZeroBitCount
    let mask = 1 << max(0, exponent - kept) - 1
    let padded = max(16, (plain + mask) & ~mask)
    let overhead = 256  // suite, epoch, nonce and tag
    #expect(padded + overhead <= field.sealedByteCountMax)
  }

  @Test func blobListsOfTheLargestFileFit() throws {
    let blobs = try field("version", "blobs")
    let encoded = 9 + blobs.sizeMax * 34
    #expect(blobs.encodedByteCountMax == encoded)
    #expect(blobs.check(.array((0..<4096).map { _ in .bytes(bytes(32)) })) == nil)
    #expect(blobs.check(.array((0..<4097).map { _ in .bytes(bytes(32)) })) == .wrongSize(0...4096))
  }

  @Test func aProblemSaysWhereAndWhat() {
    let problem = ValueProblem.component("permissions", .element(2, .undeclaredValue))
    #expect(
      problem.description
        == "permissions: element 2: not one of the values that the schema declares")
    #expect(ValueProblem.wrongSize(16...16).description == "the size has to be 16")
  }
}

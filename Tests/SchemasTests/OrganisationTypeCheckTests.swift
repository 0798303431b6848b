import Merge
import Testing

@testable import Schemas

/// Each test changes one thing in a file that fits, and expects to be told where.
@Suite struct OrganisationTypeCheckTests {
  private static let organisation = OrganisationID([UInt8](repeating: 0xab, count: 32))
  private static let name = "x_visit_abababababababab"

  static let file = """
    {
      "type": "\(name)", "space": "casework", "concurrent_delete": "delete_wins",
      "history": "compact",
      "parent": { "field": "ticket", "type": "ticket", "on_delete": "hide" },
      "fields": {
        "ticket": { "kind": "record", "type": "ticket", "rule": "once", "required": true },
        "room": { "kind": "text", "rule": "latest" }
      },
      "create": ["contact", "staff"], "delete": ["author"]
    }
    """

  private static func check(
    _ file: String, beside types: [RecordType] = []
  ) throws -> OrganisationTypeCheck.Outcome {
    OrganisationTypeCheck(organisation: try #require(organisation), types: types)
      .check(Array(file.utf8))
  }

  private static func type(_ file: String) throws -> RecordType {
    guard case .fits(let type) = try check(file) else {
      throw SchemaProblem("", [], "does not fit", "")
    }
    return type
  }

  private static func pointers(
    _ file: String, beside types: [RecordType] = []
  ) throws -> [String] {
    guard case .problems(let problems) = try check(file, beside: types) else { return [] }
    return problems.map(\.pointer)
  }

  @Test func aFileFits() throws {
    let type = try Self.type(Self.file)
    #expect(type.name == Self.name)
    #expect(
      OrganisationTypeCheck.ending(of: try #require(Self.organisation)) == "_abababababababab")
  }

  @Test(arguments: [
    (name, "visit", "/type"), (name, "x_visit", "/type"), (name, "x__abababababababab", "/type"),
    (name, "x_abababababababab", "/type"), (name, "x_visit_abababababababac", "/type"),
    (#""casework""#, #""directory""#, "/space"), (#""staff"]"#, #""client"]"#, "/create/1"),
    (#""kind": "text""#, #""kind": "record", "type": "file""#, "/fields/room"),
    (#""kind": "text""#, #""kind": "record", "type": "x_other_abababababababab""#, "/fields/room"),
    (#""latest" }"#, #""highest" }"#, "/fields/room"), ("{", "[", ""),
  ])
  func whatDoesNotFitIsSaid(old: String, new: String, pointer: String) throws {
    #expect(try Self.pointers(Self.file.replacing(old, with: new)).contains(pointer))
  }

  @Test func ownTypesMayBeReferredTo() throws {
    let other = try Self.type(Self.file.replacing("x_visit", with: "x_other"))
    let file = Self.file.replacing(
      #""kind": "text""#, with: #""kind": "record", "type": "x_other_abababababababab""#)
    #expect(try Self.pointers(file, beside: [other]) == [])
  }

  @Test func aNextVersionOnlyAdds() throws {
    let first = try Self.type(Self.file)
    let more = Self.file.replacing(
      #""fields": {"#, with: #""fields": { "floor": { "kind": "integer", "rule": "latest" },"#)
    #expect(try Self.pointers(more, beside: [first]) == [])
    #expect(try Self.pointers(Self.file, beside: [Self.type(more)]) == ["/fields/floor"])
    let narrower = Self.file.replacing(#"["contact", "staff"]"#, with: #"["staff"]"#)
    #expect(try Self.pointers(narrower, beside: [first]).contains("/create"))
  }

  @Test func thereIsALimit() throws {
    let type = try Self.type(Self.file)
    let others = try (0..<OrganisationTypeCheck.typeCountMax).map {
      try Self.type(Self.file.replacing("x_visit", with: "x_v\($0)"))
    }
    #expect(try Self.pointers(Self.file, beside: others) == [""])
    #expect(try Self.pointers(Self.file, beside: others.dropLast() + [type]) == [])
    let long = Self.file + String(repeating: " ", count: OrganisationTypeCheck.fileByteCountMax)
    #expect(try Self.pointers(long) == [""])
  }

  /// Else a type of the program would not count anywhere.
  @Test func noBuiltInTypeIsCalledSo() {
    #expect(!BuiltInSchema.schema.types.contains { RecordType.isOfOrganisation($0.name) })
  }
}

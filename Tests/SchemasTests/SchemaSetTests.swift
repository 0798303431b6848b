import Merge
import Testing

@testable import Schemas

/// What several files say together.
struct SchemaSetTests {
  private func file(_ type: String, space: String = "vault", field: String) -> [UInt8] {
    Array(
      """
      {"type": "\(type)", "space": "\(space)", "concurrent_delete": "edit_wins",
       "history": "compact", "fields": {"other": \(field)}, "create": ["owner"], "delete": []}
      """.utf8)
  }

  private let note = "{\"kind\": \"text\", \"rule\": \"latest\"}"

  @Test func loadsTypesThatReferToEachOther() throws {
    let link = "{\"kind\": \"record\", \"type\": \"b\", \"rule\": \"latest\"}"
    let schema = try SchemaLoader.load(files: [
      ("a.json", file("a", field: link)), ("b.json", file("b", field: note)),
    ])
    #expect(schema.types.map(\.name) == ["a", "b"])
  }

  @Test func refusesATypeThatIsDeclaredTwice() {
    let error = #expect(throws: SchemaError.self) {
      try SchemaLoader.load(files: [
        ("a.json", file("a", field: note)), ("b.json", file("a", field: note)),
      ])
    }
    #expect(error == SchemaError(file: "b.json", path: "type", reason: .duplicateType))
  }

  @Test(arguments: [
    ("{\"kind\": \"record\", \"type\": \"c\", \"rule\": \"latest\"}", "fields.other.type"),
    (
      "{\"kind\": \"set\", \"of\": {\"kind\": \"record\", \"type\": \"c\"}, \"rule\": \"add_wins\"}",
      "fields.other.of.type"
    ),
    (
      """
      {"kind": "group", "rule": "latest", "of": {"x": {"kind": "record", "type": "c"}}}
      """, "fields.other.of.x.type"
    ),
  ])
  func refusesATypeThatNoFileDeclares(_ link: String, _ path: String) {
    let error = #expect(throws: SchemaError.self) {
      try SchemaLoader.load(files: [("a.json", file("a", field: link))])
    }
    #expect(error == SchemaError(file: "a.json", path: path, reason: .unknownType))
  }

  @Test func refusesATypeOfAnotherSpace() {
    let link = "{\"kind\": \"record\", \"type\": \"b\", \"rule\": \"latest\"}"
    let error = #expect(throws: SchemaError.self) {
      try SchemaLoader.load(files: [
        ("a.json", file("a", field: link)), ("b.json", file("b", space: "team", field: note)),
      ])
    }
    #expect(error?.reason == .typeOfAnotherSpace)
  }
}

import Merge
import Testing

@testable import Schemas

/// Each test changes one thing in a built-in file, and expects to be told where and why.
struct SchemaLoaderTests {
  typealias Reason = SchemaError.Reason

  private func error(
    _ type: String, _ change: (inout SchemaFile) throws -> Void
  ) throws -> SchemaError? {
    var file = try SchemaFile(builtIn: type)
    try change(&file)
    let bytes = file.bytes
    return #expect(throws: SchemaError.self) {
      try SchemaLoader.load(file: "changed.json", bytes: bytes)
    }
  }

  struct Change: Sendable, CustomTestStringConvertible {
    let type: String
    let path: String
    let json: String
    /// Where the error is; the changed path itself if not said.
    let at: String
    let reason: Reason

    init(
      _ type: String, _ path: String, _ json: String, at: String? = nil, _ reason: Reason
    ) {
      self.type = type
      self.path = path
      self.json = json
      self.at = at ?? path
      self.reason = reason
    }

    var testDescription: String { "\(type): \(path) = \(json)" }
  }

  @Test(arguments: shapes + names + rules + limits + workflows + parents)
  func refuses(_ change: Change) throws {
    let error = try error(change.type) { file in try file.set(change.path, change.json) }
    #expect(error?.file == "changed.json")
    #expect(error?.path == change.at)
    #expect(error?.reason == change.reason)
  }

  static let shapes: [Change] = [
    Change("ticket", "type", "7", .wrongType(expected: "a string")),
    Change("ticket", "fields", "[]", .wrongType(expected: "an object")),
    Change("ticket", "create", "\"staff\"", .wrongType(expected: "an array")),
    Change("ticket", "fields.title.sealed", "\"yes\"", .wrongType(expected: "true or false")),
    Change("ticket", "fields.title.bytes_max", "\"400\"", .wrongType(expected: "an integer")),
    Change("ticket", "fields.labels.of", "null", .wrongType(expected: "an object")),
    Change(
      "ticket", "space", "\"cases\"", .unknownWord(known: SpaceKind.allCases.map(\.rawValue))),
    Change(
      "ticket", "fields.title.rule", "\"newest\"",
      .unknownWord(known: Rule.allCases.map(\.rawValue))),
    Change(
      "ticket", "fields.assignee.write[0]", "\"boss\"",
      .unknownWord(known: Role.allCases.map(\.rawValue))),
    Change(
      "note", "create_permission", "\"fly\"",
      .unknownWord(known: Permission.allCases.map(\.rawValue))),
    Change("note", "create", "[]", .wrongCount(1...Role.allCases.count)),
    Change(
      "note", "create[0]", "\"author\"",
      .unknownWord(known: Role.allCases.filter { $0 != .author }.map(\.rawValue))),
    Change("ticket", "create", "[\"staff\", \"staff\"]", at: "create[1]", .repeated),
    Change("ticket", "fields.kind.values[1]", "\"bug\"", .repeated),
  ]

  static let names: [Change] = [
    Change("ticket", "type", "\"Ticket\"", .badName),
    Change("ticket", "type", "\"\"", .badName),
    Change("ticket", "type", "\"1st\"", .badName),
    Change("ticket", "type", "\"_ticket\"", .badName),
    Change("ticket", "type", "\"t\u{df}\"", .badName),
    Change("ticket", "type", "\"\(String(repeating: "a", count: 49))\"", .badName),
    Change("ticket", "type", "\"space\"", .reservedName),
    Change("ticket", "type", "\"sqlite_master\"", .reservedName),
    Change("ticket", "fields.record", "{}", .reservedName),
    Change("ticket", "fields._clock", "{}", .badName),
    Change("ticket", "fields.status.of.At", "\"time\"", .badName),
    Change("ticket", "fields.kind.values[0]", "\"Bug\"", .badName),
    Change(
      "ticket", "fields.status_state", "{\"kind\": \"integer\", \"rule\": \"latest\"}",
      .columnTaken("status_state")),
    Change(
      "ticket", "fields.schedule_at", "{\"kind\": \"integer\", \"rule\": \"latest\"}",
      .columnTaken("schedule_at")),
  ]

  static let rules: [Change] = [
    Change(
      "ticket", "fields.status.sealed", "true",
      .notSealable("a field with rule workflow")),
    Change(
      "ticket", "fields.severity.sealed", "true", .notSealable("a field with rule highest")),
    Change("ticket", "fields.labels.sealed", "true", .notSealable("a field with rule add_wins")),
    Change("ticket", "fields.schedule.sealed", "true", .notSealable("a group")),
    Change(
      "ticket", "fields.labels.rule", "\"latest\"", at: "fields.labels.kind",
      .wrongKindForRule(allowed: "kinds other than set")),
    Change(
      "ticket", "fields.title.rule", "\"remove_wins\"", at: "fields.title.kind",
      .wrongKindForRule(allowed: "kind set")),
    Change(
      "ticket", "fields.number",
      "{\"kind\": \"integer\", \"rule\": \"highest\", \"order\": [\"low\"]}",
      at: "fields.number.kind", .wrongKindForRule(allowed: "kinds enum and group")),
    Change(
      "ticket", "fields.labels.required", "true",
      .misplacedKey(belongsTo: "kinds other than set")),
    Change(
      "ticket", "fields.severity.order", "[\"minor\", \"major\"]", .orderDiffers),
    Change(
      "ticket", "fields.severity.order", "[\"minor\", \"major\", \"fatal\"]", .orderDiffers),
    Change(
      "share", "fields.access.order", "[\"revoked\", \"active\", \"unknown\"]", .orderDiffers),
    Change("share", "fields.access.by", "\"until\"", .notAnEnumComponent),
    Change("share", "fields.access.by", "\"status\"", .notAnEnumComponent),
    Change(
      "share", "fields.access.of.state.required", "false", at: "fields.access.of.state",
      .notRequired),
    Change(
      "ticket", "fields.title.order", "[\"a\"]",
      .misplacedKey(belongsTo: "rule highest, lowest, revoke_wins")),
    Change(
      "ticket", "fields.title.workflow", "\"ticket\"", .misplacedKey(belongsTo: "rule workflow")),
    Change(
      "ticket", "fields.schedule.by", "\"mode\"",
      .misplacedKey(belongsTo: "rule highest, lowest, revoke_wins, workflow")),
    Change("ticket", "fields.severity.by", "\"state\"", .misplacedKey(belongsTo: "kind group")),
    Change("ticket", "fields.title.values", "[\"a\"]", .misplacedKey(belongsTo: "kind enum")),
    Change("ticket", "fields.title.bytes", "3", .misplacedKey(belongsTo: "kind bytes")),
    Change(
      "ticket", "fields.status.of.state", "{\"kind\": \"enum\", \"values\": [\"open\"]}",
      at: "fields.status.of.state.values",
      .misplacedKey(belongsTo: "an enum without a workflow")),
    Change(
      "ticket", "fields.title.write", "[\"staff\"]", .notWritable(role: "contact")),
    Change(
      "access_request", "fields.state.write", "[\"practitioner\", \"family\"]",
      .notWritable(role: "client")),
    Change("ticket", "history", "\"compact\"", .noHistory),
    Change("assignment", "history", "\"compact\"", .noHistory),
  ]

  static let limits: [Change] = [
    Change("ticket", "fields.title.bytes_max", "0", .outOfRange(1...65_536)),
    Change("ticket", "fields.title.bytes_max", "65537", .outOfRange(1...65_536)),
    Change("ticket", "fields.labels.max", "257", .outOfRange(1...256)),
    Change("version", "fields.blobs.max", "4097", .outOfRange(1...4096)),
    Change("version", "fields.blobs.of", "\"bytes\"", at: "fields.blobs.max", .outOfRange(1...256)),
    Change(
      "ticket", "fields.labels.of.bytes_max", "60000", at: "fields.labels",
      .valueTooLarge(byteCountMax: 196_608)),
    Change("ticket", "fields", "{}", .wrongCount(1...64)),
    Change("ticket", "fields.schedule.of", "{}", .wrongCount(1...16)),
    Change("ticket", "fields.kind.values", "[]", .wrongCount(1...64)),
  ]

  static let workflows: [Change] = [
    Change("ticket", "fields.status.workflow", "\"other\"", .undeclared("workflow")),
    Change(
      "ticket", "workflows.ticket.precedence",
      "[\"reopened\", \"closed\", \"waiting_for_client\", \"in_progress\", \"resolved\"]",
      .incompletePrecedence(missing: "open")),
    Change("ticket", "workflows.ticket.precedence[1]", "\"reopened\"", .repeated),
    Change("ticket", "workflows.ticket.precedence[1]", "\"done\"", .undeclared("state")),
    Change("ticket", "workflows.ticket.states[1]", "\"open\"", .repeated),
    Change("ticket", "workflows.ticket.transitions[1].to", "\"done\"", .undeclared("state")),
    Change("ticket", "workflows.ticket.transitions[1].from[0]", "\"new\"", .undeclared("state")),
    Change(
      "ticket", "workflows.ticket.transitions[1].from", "7",
      .wrongType(expected: "null, a state or an array of states")),
    Change(
      "ticket", "workflows.ticket.transitions[1].roles", "[]",
      .wrongCount(1...Role.allCases.count)),
    Change(
      "ticket", "workflows.ticket.transitions[5].from", "[\"closed\", \"closed\"]",
      at: "workflows.ticket.transitions[5].from[1]", .repeated),
    Change(
      "access_request", "workflows.access_request.transitions[2].to", "\"approved\"",
      at: "workflows.access_request.transitions[2]", .repeated),
    Change(
      "access_request", "workflows.access_request.transitions[2].from", "\"denied\"",
      at: "workflows.access_request.transitions", .unreachable(state: "denied")),
    Change(
      "access_request", "workflows.access_request.transitions[0].from", "\"denied\"",
      at: "workflows.access_request.transitions", .unreachable(state: "requested")),
    Change(
      "access_request", "workflows.second",
      """
      {"states": ["on"], "precedence": ["on"],
       "transitions": [{"from": null, "to": "on", "roles": ["client"]}]}
      """, .unused),
  ]

  static let parents: [Change] = [
    Change("comment", "parent.field", "\"case\"", .undeclared("field")),
    Change("comment", "parent.field", "\"text\"", .badParentField),
    Change("comment", "parent.type", "\"comment\"", at: "parent.field", .badParentField),
    Change("comment", "fields.ticket.required", "false", at: "parent.field", .badParentField),
    Change("comment", "fields.ticket.rule", "\"latest\"", at: "parent.field", .badParentField),
    Change("comment", "fields.ticket.sealed", "true", at: "parent.field", .badParentField),
    Change("comment", "parent.on_delete", "\"cascade\"", .unknownWord(known: ["hide", "keep"])),
  ]

  @Test(arguments: [
    ("ticket", "type", "", "type"), ("ticket", "fields.title.kind", "fields.title", "kind"),
    ("ticket", "fields.title.rule", "fields.title", "rule"),
    ("ticket", "fields.severity.order", "fields.severity", "order"),
    ("ticket", "fields.severity.values", "fields.severity", "values"),
    ("ticket", "fields.status.workflow", "fields.status", "workflow"),
    ("ticket", "fields.labels.of", "fields.labels", "of"),
    ("share", "fields.access.by", "fields.access", "by"),
    ("comment", "fields.ticket.type", "fields.ticket", "type"),
    ("comment", "parent.on_delete", "parent", "on_delete"),
    ("ticket", "workflows.ticket.precedence", "workflows.ticket", "precedence"),
    (
      "ticket", "workflows.ticket.transitions[0].roles", "workflows.ticket.transitions[0]",
      "roles"
    ),
  ])
  func refusesAMissingKey(_ type: String, _ path: String, _ at: String, _ key: String) throws {
    let error = try error(type) { file in file.remove(path) }
    #expect(error?.path == at)
    #expect(error?.reason == .missingKey(key))
  }

  @Test(arguments: [
    "surprise", "parent.surprise", "fields.ticket.surprise", "fields.text.write_permission",
  ])
  func refusesAnUnknownKey(_ path: String) throws {
    let error = try error("comment") { file in try file.set(path, "1") }
    #expect(error?.path == path)
    guard case .unknownKey = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func refusesADuplicateField() throws {
    let text = """
      {"type": "t", "space": "vault", "concurrent_delete": "edit_wins", "history": "compact",
       "fields": {"a": {"kind": "text", "rule": "latest"}, "a": {"kind": "text", "rule": "all"}},
       "create": ["owner"], "delete": []}
      """
    let error = #expect(throws: SchemaError.self) {
      try SchemaLoader.load(file: "t.json", bytes: Array(text.utf8))
    }
    #expect(error == SchemaError(file: "t.json", path: "fields.a", reason: .duplicateKey))
    #expect(error?.description == "t.json: fields.a: the key is there twice; keep one")
  }

  @Test func everyReasonSaysSomething() throws {
    for change in Self.shapes + Self.names + Self.rules + Self.limits + Self.workflows {
      let text = change.reason.description
      #expect(text.count > 10)
    }
  }

  @Test func refusesMoreFieldsThanATableMayHave() throws {
    let error = try error("note") { file in
      for index in 0..<63 {
        try file.set("fields.f\(index)", "{\"kind\": \"integer\", \"rule\": \"latest\"}")
      }
    }
    #expect(error?.path == "fields")
    #expect(error?.reason == .wrongCount(1...64))
  }
}

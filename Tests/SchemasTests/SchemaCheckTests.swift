import Merge
import Testing

@testable import Schemas

/// Each test changes one thing in a built-in file, and expects to be told where.
struct SchemaCheckTests {
  private typealias Files = [(name: String, bytes: [UInt8])]

  private static func files(
    _ type: String, _ change: (inout SchemaFile) throws -> Void
  ) throws -> Files {
    var file = try SchemaFile(builtIn: type)
    try change(&file)
    return BuiltInSchema.files.map { name, bytes in
      (name, name == "\(type).json" ? file.bytes : bytes)
    }
  }

  @Test func theBuiltInFilesAreWell() {
    #expect(SchemaCheck.problems(in: BuiltInSchema.files) == [])
    #expect(SchemaCheck.problems(in: BuiltInSchema.files, replacing: BuiltInSchema.files) == [])
  }

  struct Change: Sendable, CustomTestStringConvertible {
    let type: String
    let path: String
    let json: String?
    /// The JSON pointer of the problem.
    let pointer: String

    init(_ type: String, _ path: String, _ json: String?, _ pointer: String) {
      self.type = type
      self.path = path
      self.json = json
      self.pointer = pointer
    }

    var testDescription: String { "\(type): \(path) = \(json ?? "gone")" }
  }

  private static func files(_ change: Change) throws -> Files {
    try files(change.type) { file in
      if let json = change.json {
        try file.set(change.path, json)
      } else {
        file.remove(change.path)
      }
    }
  }

  @Test(arguments: [
    Change("ticket", "type", #""bill""#, "/type"),
    Change("ticket", "create", #"["contact", "staff", "admin"]"#, "/create/2"),
    Change("ticket", "delete", #"["client"]"#, "/delete/0"),
    Change("ticket", "create_permission", #""add_notes""#, "/create_permission"),
    Change("ticket", "fields.title.permission", #""add_notes""#, "/fields/title/permission"),
    Change("ticket", "fields.assignee.write", #"["staff", "family"]"#, "/fields/assignee/write/1"),
    Change(
      "ticket", "fields.kind", #"{"kind":"enum","values":["a"],"rule":"highest","order":["a"]}"#,
      "/fields/kind/order"),
    Change("ticket", "workflows.ticket.precedence", #"["open"]"#, "/workflows/ticket/precedence"),
    Change("comment", "fields.in_reply_to.type", #""bill""#, "/fields/in_reply_to/type"),
    Change("folder", "fields.name.rule", #""newest""#, "/fields/name/rule"),
  ])
  func tellsWhere(_ change: Change) throws {
    let problems = SchemaCheck.problems(in: try Self.files(change))
    #expect(problems.contains { $0.pointer == change.pointer }, "\(problems)")
    #expect(problems.allSatisfy { !$0.what.isEmpty && !$0.advice.isEmpty })
  }

  /// Who may take a step, though nobody is that; and a first state that nobody may give.
  @Test(arguments: [(1, "owner"), (0, "server")])
  func aStepThatNobodyTakesIsTold(transition: Int, role: String) throws {
    let files = try Self.files("ticket") { file in
      try file.set("fields.status.write", "[\"contact\",\"staff\",\"\(role)\"]")
      try file.set("workflows.ticket.transitions[\(transition)].roles", "[\"\(role)\"]")
    }
    let problems = SchemaCheck.problems(in: files)
    #expect(problems.contains { $0.pointer == "/workflows/ticket/transitions" }, "\(problems)")
  }

  // MARK: In the place of an older version

  static let allowed: [Change] = [
    Change("ticket", "fields.colour", #"{"kind":"text","rule":"latest"}"#, ""),
    Change(
      "ticket", "fields.kind.values",
      #"["bug","maintenance","consultation","document_feedback","complaint"]"#, ""),
    Change("ticket", "fields.status.of.effort", #""integer""#, ""),
    Change("ticket", "fields.environment.removed", "true", ""),
    Change("folder", "removed", "true", ""),
  ]

  @Test(arguments: allowed) func growthIsAllowed(_ change: Change) throws {
    let newer = try Self.files(change)
    #expect(SchemaCheck.problems(in: newer, replacing: BuiltInSchema.files) == [])
  }

  /// The way back is not.
  @Test(arguments: allowed.filter { $0.json != "true" })
  func whatWasAddedStays(_ change: Change) throws {
    let older = try Self.files(change)
    #expect(SchemaCheck.problems(in: BuiltInSchema.files, replacing: older) != [])
  }

  static let narrowed: [Change] = [
    Change("ticket", "fields.environment", nil, "/fields/environment"),
    Change("ticket", "fields.title.sealed", "false", "/fields/title/sealed"),
    Change("ticket", "fields.title.rule", #""all""#, "/fields/title/rule"),
    Change("ticket", "fields.title.bytes_max", "399", "/fields/title"),
    Change("ticket", "fields.title.bytes_max", "401", "/fields/title"),
    Change("ticket", "fields.title.required", "false", "/fields/title/required"),
    Change("ticket", "fields.kind.values", #"["maintenance","bug"]"#, "/fields/kind/values"),
    Change(
      "ticket", "fields.severity.order", #"["major","minor","critical"]"#,
      "/fields/severity/order"),
    Change("ticket", "fields.assignee.write", #"["staff","contact"]"#, "/fields/assignee/write"),
    Change(
      "ticket", "fields.due", #"{"kind":"time","rule":"latest","required":true}"#,
      "/fields/due/required"),
    Change("ticket", "fields.labels.of.bytes_max", "200", "/fields/labels/of"),
    Change(
      "ticket", "fields.schedule.of.at", #"{"kind":"time","required":true}"#,
      "/fields/schedule/of/at/required"),
    Change("ticket", "concurrent_delete", #""delete_wins""#, "/concurrent_delete"),
    Change("ticket", "delete", #"["staff","contact"]"#, "/delete"),
    Change("note", "create_permission", #""view_files""#, "/create_permission"),
    Change(
      "ticket", "workflows.ticket.precedence",
      #"["closed","reopened","waiting_for_client","in_progress","resolved","open"]"#,
      "/workflows/ticket/precedence"),
    Change(
      "ticket", "workflows.ticket.transitions[0].roles", #"["contact"]"#,
      "/workflows/ticket/transitions"),
  ]

  @Test(arguments: narrowed) func anythingElseIsNot(_ change: Change) throws {
    let newer = try Self.files(change)
    let problems = SchemaCheck.problems(in: newer, replacing: BuiltInSchema.files)
    #expect(problems.contains { $0.pointer == change.pointer }, "\(problems)")
  }

  /// All words but the last take away: another last word would turn a revocation into a grant.
  @Test func theWordThatGrantsStaysLast() throws {
    let words = #"["withdrawn","declined","accepted","welcomed"]"#
    let newer = try Self.files("assignment") { file in
      try file.set("fields.practitioner_decision.order", words)
      try file.set("fields.practitioner_decision.of.decision.values", words)
    }
    let problems = SchemaCheck.problems(in: newer, replacing: BuiltInSchema.files)
    #expect(problems.map(\.pointer) == ["/fields/practitioner_decision/order"])
  }

  @Test func aTypeStays() {
    let fewer = BuiltInSchema.files.filter { $0.name != "worklog.json" }
    let problems = SchemaCheck.problems(in: fewer, replacing: BuiltInSchema.files)
    #expect(problems.map(\.file) == ["worklog.json"])
    #expect(SchemaCheck.problems(in: BuiltInSchema.files, replacing: fewer) == [])
  }

  // MARK: The proof

  /// Every rule of every field in use.
  @Test func everyRuleIsProved() throws {
    for type in BuiltInSchema.schema.types {
      for field in type.fields {
        #expect(RuleProof(field: field, type: type).counterexample == nil, "\(field.name)")
      }
    }
  }
}

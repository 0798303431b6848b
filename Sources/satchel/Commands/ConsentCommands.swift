import Merge
import Replica
import Terminal

/// `consent`: both sides of an assignment decide, each when they like, online or not.
enum ConsentCommands {
  static var all: [Command] {
    [
      list,
      decision("accept", "accepted", "practitioner: accept an assignment", hasTerms: false),
      decision(
        "approve", "approved", "client: approve, and choose what and until when", hasTerms: true),
      decline,
      decision(
        "revoke", "revoked", "client: end it, now and whatever else happens", hasTerms: false),
      decision("withdraw", "withdrawn", "practitioner: end it", hasTerms: false),
    ]
  }

  private static var list: Command {
    Command(
      name: ["consent", "ls"], summary: "assignments and where they stand", options: [.flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let all = try replica.assignments()
        if all.isEmpty, replica.identity.role == .family {
          session.output.note("you have accepted; waiting for a device of the one who invited you")
        }
        if invocation.flag("json") {
          session.output.json(.array(all.map { json($0, replica) }))
        } else {
          session.output.table(
            Table(
              columns: ["CLIENT", "PRACTITIONER", "STATUS", "ALLOWS", "UNTIL", "DECISIONS"].map {
                Table.Column($0)
              }, rows: all.map { row($0, replica) }))
        }
      }
    }
  }

  private static func terms(_ assignment: Assignment) -> ConsentTerms {
    assignment.state.status == .active ? assignment.state.terms : assignment.proposed
  }

  private static func row(_ assignment: Assignment, _ replica: Replica) -> [String] {
    let terms = terms(assignment)
    let practitioner = assignment.practitionerDecision ?? "open"
    let client = assignment.clientDecision ?? "open"
    return [
      replica.markedName(assignment.client),
      replica.markedName(assignment.practitioner),
      assignment.statusText, PermissionText.text(terms.permissions),
      terms.untilMilliseconds.map { TimeText.text(Int64($0)) } ?? "open end",
      "practitioner: \(practitioner), client: \(client)",
    ]
  }

  private static func json(_ assignment: Assignment, _ replica: Replica) -> JSONValue {
    let terms = terms(assignment)
    return .object([
      "space": .string(assignment.space.hex),
      "client": .string(assignment.client.hex),
      "client_name": .string(replica.personName(assignment.client)),
      "practitioner": .string(assignment.practitioner.hex),
      "practitioner_name": .string(replica.personName(assignment.practitioner)),
      "status": .string(assignment.state.status.rawValue),
      "status_text": .string(assignment.statusText), "family": .bool(assignment.isFamily),
      "permissions": .array(terms.permissions.map { .string($0.rawValue) }),
      "until": terms.untilMilliseconds.map { .integer(Int64($0)) } ?? .null,
      "practitioner_decision": assignment.practitionerDecision.map { .string($0) } ?? .null,
      "client_decision": assignment.clientDecision.map { .string($0) } ?? .null,
      "engagement": assignment.engagement.map { .string($0.hex) } ?? .null,
    ])
  }

  private static var decline: Command {
    decision("decline", "declined", "either side: say no", hasTerms: false)
  }

  private static func decision(
    _ verb: String, _ word: String, _ summary: String, hasTerms: Bool
  ) -> Command {
    let termOptions: [Terminal.Option] =
      hasTerms
      ? [
        .value("can", "LIST", help: "what to allow; as proposed if left out"),
        .value("until", "TIME", help: "when it ends; as proposed if left out"),
      ] : []
    return Command(
      name: ["consent", verb], summary: summary,
      arguments: [Argument("PERSON", .optional, help: "the other side, if there is more than one")],
      options: termOptions + [.value("reason", "TEXT", help: "open to the operator")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let assignment = try replica.assignment(with: invocation.optionalArgument("PERSON"))
        try check(word, assignment, replica)
        try replica.decide(
          word, on: assignment,
          terms: hasTerms ? try chosenTerms(invocation, assignment, session) : nil,
          reason: invocation.option("reason"))
        let after = try replica.assignment(with: invocation.optionalArgument("PERSON"))
        session.output.line("\(word); the consent is \(after.statusText) here")
        session.output.note("the other side learns of it at the next `satchel sync`")
      }
    }
  }

  private static func check(
    _ word: String, _ assignment: Assignment, _ replica: Replica
  ) throws(Failure) {
    let isClient = assignment.client == replica.identity.account
    let own =
      isClient
      ? ["approved", "declined", "revoked"] : ["accepted", "declined", "withdrawn"]
    guard own.contains(word) else {
      let other = assignment.isFamily ? "family caregiver" : "practitioner"
      let verbs =
        isClient ? "approve, decline or revoke" : "accept, decline or withdraw"
      throw Failure(
        "as a \(isClient ? "client" : other) you can \(verbs)", exitCode: .notAllowed)
    }
  }

  private static func chosenTerms(
    _ invocation: Invocation, _ assignment: Assignment, _ session: Session
  ) throws -> ConsentTerms {
    let permissions = try invocation.option("can").map { list in
      try assignment.isFamily
        ? PermissionText.parse(list) : PermissionText.parsePractitioners(list)
    }
    let until = try invocation.option("until").map { try session.time($0) }
    return ConsentTerms(
      permissions: permissions ?? assignment.proposed.permissions,
      untilMilliseconds: until ?? assignment.proposed.untilMilliseconds)
  }
}

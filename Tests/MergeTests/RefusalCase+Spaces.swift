import CBOR
import Merge
import TestSupport

extension RefusalCase {
  private static let member = TestSpace.member

  private static func open(
    _ kind: SpaceKind, by person: Person, _ members: [LogFact.Member]
  ) throws -> Verdict {
    try TestSpace.unopened().judge(
      .opened(LogFact.Opening(kind: kind, author: person.device, members: members)))
  }

  private static func openEngagement(
    by person: Person = .client, _ members: [LogFact.Member]
  ) throws -> Verdict {
    let opening = LogFact.Opening(
      kind: .engagement, author: person.device, members: members,
      clientVault: TestSpace.clientVault, approval: TestSpace.approval)
    return try TestSpace.approved().judge(.opened(opening))
  }

  private static let sides = [
    TestSpace.member(.client, .client), TestSpace.member(.practitioner, .practitioner),
  ]

  /// Who opens what, with whom.
  static let openings: [RefusalCase] = [
    RefusalCase(
      "a space that is open", .spaceExists,
      refused: { try TestSpace.vault().judge(.opened(TestSpace.vaultOpening)) },
      accepted: { try TestSpace.unopened().judge(.opened(TestSpace.vaultOpening)) }),
    RefusalCase(
      "an opening by an unknown device", .deviceUnknown,
      refused: { try TestSpace().judge(.opened(TestSpace.vaultOpening)) },
      accepted: { try TestSpace.unopened().judge(.opened(TestSpace.vaultOpening)) }),
    RefusalCase(
      "a vault with two members", .notAllowed,
      refused: {
        try open(.vault, by: .client, [member(.client, .owner), member(.staff, .staff)])
      },
      accepted: { try open(.vault, by: .client, [member(.client, .owner)]) }),
    RefusalCase(
      "somebody else's vault", .notAllowed,
      refused: { try open(.vault, by: .staff, [member(.client, .owner)]) },
      accepted: { try open(.vault, by: .client, [member(.client, .owner)]) }),
    RefusalCase(
      "an assignment by nobody's administrator", .notAllowed,
      refused: {
        try open(.assignment, by: .outsider, sides + [member(.outsider, .admin)])
      },
      accepted: { try open(.assignment, by: .admin, sides + [member(.admin, .admin)]) }),
    RefusalCase(
      "casework by nobody's administrator", .notAllowed,
      refused: { try open(.casework, by: .staff, [member(.contact, .contact)]) },
      accepted: { try open(.casework, by: .admin, [member(.contact, .contact)]) }),
    RefusalCase(
      "an inbox, which only the server makes", .notAllowed,
      refused: { try open(.inbox, by: .admin, [member(.admin, .owner)]) },
      accepted: { try open(.directory, by: .admin, [member(.admin, .staff)]) }),
    RefusalCase(
      "an engagement opened by the practitioner", .notAllowed,
      refused: { try openEngagement(by: .practitioner, sides) },
      accepted: { try openEngagement(sides) }),
    RefusalCase(
      "an engagement with two clients", .malformed,
      refused: { try openEngagement(sides + [member(.contact, .client)]) },
      accepted: { try openEngagement(sides) }),
    RefusalCase(
      "an engagement without a practitioner", .malformed,
      refused: { try openEngagement([sides[0]]) },
      accepted: {
        try openEngagement([sides[0], member(.practitioner, .family)])
      }),
    RefusalCase(
      "a member in the server's role", .malformed,
      refused: { try open(.casework, by: .admin, [member(.admin, .server)]) },
      accepted: { try open(.casework, by: .admin, [member(.admin, .staff)]) }),
    RefusalCase(
      "an account in two roles", .malformed,
      refused: {
        try open(.casework, by: .admin, [member(.staff, .staff), member(.staff, .contact)])
      },
      accepted: {
        try open(.casework, by: .admin, [member(.staff, .staff), member(.contact, .contact)])
      }),
  ]

  private static func openWithTeam(
    _ kind: SpaceKind, _ members: [LogFact.Member], by person: Person, teams: [TeamID]
  ) throws -> Verdict {
    let isEngagement = kind == .engagement
    let opening = LogFact.Opening(
      kind: kind, author: person.device, members: members, teams: teams,
      clientVault: isEngagement ? TestSpace.clientVault : nil,
      approval: isEngagement ? TestSpace.approval : nil)
    let space = try isEngagement ? TestSpace.approved() : TestSpace.unopened()
    return try space.judge(.opened(opening))
  }

  private static func join(_ space: TestSpace) throws -> Verdict {
    try space.judge(.memberJoined(Person.outsider.account, .staff, TestSpace.team))
  }

  /// What a space may rest on: nobody comes in by a history that its first statement does not name.
  static let sources: [RefusalCase] = [
    RefusalCase(
      "an engagement with a team", .malformed,
      refused: { try openWithTeam(.engagement, sides, by: .client, teams: [TestSpace.team]) },
      accepted: { try openWithTeam(.engagement, sides, by: .client, teams: []) }),
    RefusalCase(
      "a vault with a team", .malformed,
      refused: {
        try openWithTeam(
          .vault, [member(.client, .owner)], by: .client, teams: [TestSpace.team])
      },
      accepted: {
        try openWithTeam(
          .casework, [member(.contact, .contact)], by: .admin, teams: [TestSpace.team])
      }),
    RefusalCase(
      "a vault that listens to an assignment", .malformed,
      refused: {
        let opening = LogFact.Opening(
          kind: .vault, author: Person.client.device, members: [member(.client, .owner)],
          assignment: TestSpace.assignmentID)
        return try TestSpace.unopened().judge(.opened(opening))
      },
      accepted: { try TestSpace.unopened().judge(.opened(TestSpace.vaultOpening)) }),
    RefusalCase(
      "a stranger whom the log brings into an engagement", .malformed,
      refused: { try join(.engagement()) }, accepted: { try join(.casework()) }),
    RefusalCase(
      "a stranger whom the log brings into a vault", .malformed,
      refused: { try join(.vault()) }, accepted: { try join(.casework()) }),
    RefusalCase(
      "a stranger who stands before the first statement", .malformed,
      refused: {
        var space = try TestSpace.unopened()
        try space.append(.memberJoined(Person.outsider.account, .staff, TestSpace.team))
        return try space.judge(.opened(TestSpace.vaultOpening))
      },
      accepted: {
        var space = try TestSpace.unopened()
        try space.append(.memberJoined(Person.outsider.account, .staff, TestSpace.team))
        return try space.judge(.opened(TestSpace.caseworkOpening))
      }),
    RefusalCase(
      "an assignment that names another client than its space", .valueInvalid,
      refused: { try assign(.contact) }, accepted: { try assign(.client) }),
  ]

  private static func assign(_ person: Person) throws -> Verdict {
    try make(
      TestSpace.assignmentOpening, by: .admin, client: person, TestSpace.proposer)
  }

  private static func make(
    _ opening: LogFact.Opening, by maker: Person, client: Person = .client,
    _ more: FieldWrite...
  ) throws -> Verdict {
    var space = try TestSpace.unopened()
    try space.append(.opened(opening))
    let client = FieldWrite.open("client", .bytes(client.account.bytes))
    let change = RecordChange(
      type: TestSchema.assignment.name, record: .numbered(1), operation: .create,
      writes: [client] + more)
    return try space.judge(space.commit(by: maker, change))
  }

  private static func openFamily(
    _ members: [LogFact.Member], organisation: OrganisationID? = nil
  ) throws -> Verdict {
    try TestSpace.unopened().judge(
      .opened(
        LogFact.Opening(
          kind: .assignment, author: Person.client.device, members: members,
          organisation: organisation)))
  }

  /// A client's own assignment, for somebody of the family.
  static let families: [RefusalCase] = [
    RefusalCase(
      "a client's own assignment with a practitioner", .notAllowed,
      refused: { try openFamily(sides) },
      accepted: { try openFamily([sides[0], member(.practitioner, .family)]) }),
    RefusalCase(
      "a family assignment with a third member", .notAllowed,
      refused: {
        try openFamily([
          sides[0], member(.practitioner, .family), member(.admin, .admin),
        ])
      },
      accepted: { try openFamily([sides[0], member(.practitioner, .family)]) }),
    RefusalCase(
      "a family assignment in an organisation's name", .notAllowed,
      refused: {
        try openFamily(
          [sides[0], member(.practitioner, .family)], organisation: TestSpace.organisation)
      },
      accepted: { try openFamily([sides[0], member(.practitioner, .family)]) }),
    RefusalCase(
      "a client's proposal where an administrator makes it", .notAllowed,
      refused: {
        try make(TestSpace.assignmentOpening, by: .client, TestSpace.proposer)
      },
      accepted: { try make(TestSpace.familyOpening, by: .client) }),
    RefusalCase(
      "an administrator's assignment that passes for a client's own", .valueInvalid,
      refused: { try make(TestSpace.assignmentOpening, by: .admin) },
      accepted: { try make(TestSpace.assignmentOpening, by: .admin, TestSpace.proposer) }),
    RefusalCase(
      "a client's own assignment that passes for an administrator's", .valueInvalid,
      refused: { try make(TestSpace.familyOpening, by: .client, TestSpace.proposer) },
      accepted: { try make(TestSpace.familyOpening, by: .client) }),
  ]

  private static func sealNote(_ space: TestSpace, under epoch: EpochID) throws -> Verdict {
    try space.judge(
      space.commit(by: .client, .create(TestSchema.note, 2, .sealed("text", under: epoch))))
  }

  /// Generations of the space's key.
  static let epochs: [RefusalCase] = [
    RefusalCase(
      "a value under an unknown epoch", .epochStale,
      refused: { try sealNote(.engagement(), under: .beginning(0xee)) },
      accepted: { try sealNote(.engagement(), under: TestSpace.firstEpoch(.engagement)) }),
    RefusalCase(
      "a value under an epoch older than a removal", .epochStale,
      refused: {
        var space = try TestSpace.engagement()
        try space.append(.deviceRevoked(.numbered(50), Person.client.account))
        return try sealNote(space, under: TestSpace.firstEpoch(.engagement))
      },
      accepted: {
        var space = try TestSpace.engagement()
        try space.append(.deviceRevoked(.numbered(50), Person.client.account))
        try space.append(.epoch(space.proposal(by: .client, .beginning(9))))
        return try sealNote(space, under: .beginning(9))
      }),
    RefusalCase(
      "a sealed value that is too short to be one", .epochStale,
      refused: {
        let space = try TestSpace.engagement()
        let epoch = TestSpace.firstEpoch(.engagement)
        let short = FieldWrite(
          key: "text", value: .bytes([1] + epoch.bytes.prefix(8) + [0]), sealed: true)
        return try space.judge(space.commit(by: .client, .create(TestSchema.note, 2, short)))
      },
      accepted: { try sealNote(.engagement(), under: TestSpace.firstEpoch(.engagement)) }),
    RefusalCase(
      "the second of two concurrent epochs", .epochSuperseded,
      refused: {
        var space = try TestSpace.engagement()
        let first = TestSpace.firstEpoch(.engagement)
        try space.append(.epoch(space.proposal(by: .client, .beginning(9))))
        let second = space.proposal(by: .client, .beginning(10), previous: .some(first))
        return try space.judge(.epoch(second))
      },
      accepted: {
        var space = try TestSpace.engagement()
        try space.append(.epoch(space.proposal(by: .client, .beginning(9))))
        return try space.judge(.epoch(space.proposal(by: .client, .beginning(10))))
      }),
    RefusalCase(
      "an epoch that leaves a member out", .recipientsWrong,
      refused: {
        let space = try TestSpace.engagement()
        let fewer = Array(space.state.epochRecipients.dropLast())
        return try space.judge(
          .epoch(space.proposal(by: .client, .beginning(9), recipients: fewer)))
      },
      accepted: {
        let space = try TestSpace.engagement()
        return try space.judge(.epoch(space.proposal(by: .client, .beginning(9))))
      }),
    RefusalCase(
      "an epoch for one more than the members", .recipientsWrong,
      refused: {
        let space = try TestSpace.casework()
        let more = (space.state.epochRecipients + [.numbered(50)]).sorted()
        return try space.judge(
          .epoch(space.proposal(by: .staff, .beginning(9), recipients: more)))
      },
      accepted: {
        let space = try TestSpace.casework()
        return try space.judge(.epoch(space.proposal(by: .staff, .beginning(9))))
      }),
    RefusalCase(
      "an epoch by a role that makes none", .notAllowed,
      refused: {
        let space = try TestSpace.engagement()
        return try space.judge(.epoch(space.proposal(by: .practitioner, .beginning(9))))
      },
      accepted: {
        let space = try TestSpace.engagement()
        return try space.judge(.epoch(space.proposal(by: .client, .beginning(9))))
      }),
  ]
}

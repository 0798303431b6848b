import CBOR
import Merge

extension RefusalCase {
  private static let ticket = TestSchema.ticket

  private static func status(_ word: CBORValue, shown: [Origin]) -> RecordChange {
    .update(ticket, 1, .open("status", word, shown: shown))
  }

  /// The commit that made the ticket, and so its first state.
  private static let opened = Origin(replica: Person.contact.replica, sequence: 1)

  /// The ticket was resolved by staff while the contact closed it.
  private static func resolvedAndClosed() throws -> (TestSpace, resolved: Origin, closed: Origin) {
    var space = try TestSpace.casework()
    let seen = space.state.position
    let resolved = space.nextOrigin(of: .staff)
    try space.append(space.commit(by: .staff, status("resolved", shown: [opened])))
    let closed = space.nextOrigin(of: .contact)
    try space.append(
      space.commit(by: .contact, seen: seen, status("closed", shown: [opened])))
    return (space, resolved, closed)
  }

  /// Workflow steps and decisions are judged on what their author was shown.
  static let decisions: [RefusalCase] = [
    RefusalCase(
      "a step that the workflow does not have", .transitionNotAllowed,
      refused: {
        let space = try TestSpace.casework()
        return try space.judge(space.commit(by: .contact, status("reopened", shown: [opened])))
      },
      accepted: {
        let space = try TestSpace.casework()
        return try space.judge(space.commit(by: .contact, status("closed", shown: [opened])))
      }),
    RefusalCase(
      "a step of another role", .transitionNotAllowed,
      refused: {
        let space = try TestSpace.casework()
        return try space.judge(space.commit(by: .contact, status("resolved", shown: [opened])))
      },
      accepted: {
        let space = try TestSpace.casework()
        return try space.judge(space.commit(by: .staff, status("resolved", shown: [opened])))
      }),
    RefusalCase(
      "a first state that is not one", .transitionNotAllowed,
      refused: {
        let space = try TestSpace.casework()
        return try space.judge(
          space.commit(by: .contact, .create(ticket, 2, .open("status", "closed"))))
      },
      accepted: {
        let space = try TestSpace.casework()
        return try space.judge(
          space.commit(by: .contact, .create(ticket, 2, .open("status", "open"))))
      }),
    RefusalCase(
      "a step from the state that two concurrent ones show", .transitionNotAllowed,
      refused: {
        let (space, resolved, closed) = try resolvedAndClosed()
        // Closed is shown; from there the contact may reopen only.
        let step = status("closed", shown: [resolved, closed])
        return try space.judge(space.commit(by: .contact, step))
      },
      accepted: {
        let (space, resolved, closed) = try resolvedAndClosed()
        let step = status("reopened", shown: [closed, resolved])
        return try space.judge(space.commit(by: .contact, step))
      }),
    RefusalCase(
      "a state that nobody wrote", .shownUnknown,
      refused: {
        let space = try TestSpace.casework()
        let step = status("closed", shown: [opened, .of(Person.staff.rawValue, 9)])
        return try space.judge(space.commit(by: .contact, step))
      },
      accepted: {
        var space = try TestSpace.casework()
        let seen = space.state.position
        try space.append(space.commit(by: .staff, status("resolved", shown: [opened])))
        // Overwritten since, but written: the author had not seen by whom.
        let step = status("closed", shown: [opened])
        return try space.judge(space.commit(by: .contact, seen: seen, step))
      }),
    RefusalCase(
      "a step that leaves out the state that stood", .shownUnknown,
      refused: {
        let space = try TestSpace.casework()
        return try space.judge(space.commit(by: .contact, status("open", shown: [])))
      },
      accepted: {
        let space = try TestSpace.casework()
        // Without having seen the ticket's state it overwrites nothing.
        let step = status("open", shown: [])
        return try space.judge(space.commit(by: .staff, seen: Position(1), step))
      }),
    RefusalCase(
      "a step that names the lesser of two states", .shownUnknown,
      refused: {
        let (space, resolved, _) = try resolvedAndClosed()
        let step = status("closed", shown: [resolved])
        return try space.judge(space.commit(by: .contact, step))
      },
      accepted: {
        let (space, _, closed) = try resolvedAndClosed()
        let step = status("reopened", shown: [closed])
        return try space.judge(space.commit(by: .contact, step))
      }),
    RefusalCase(
      "a grant that leaves out the revocation it has seen", .shownUnknown,
      refused: {
        var space = try TestSpace.assignment()
        try space.append(space.commit(by: .client, Decision.client("revoked").change))
        return try space.judge(space.commit(by: .client, Decision.client("approved").change))
      },
      accepted: {
        var space = try TestSpace.assignment()
        let origin = space.nextOrigin(of: .client)
        try space.append(space.commit(by: .client, Decision.client("revoked").change))
        let write = FieldWrite.open(
          Consent.clientKey, Decision.client("approved").value, shown: [origin])
        return try space.judge(
          space.commit(by: .client, .update(TestSchema.assignment, 1, write)))
      }),
    RefusalCase(
      "a grant that names what nobody wrote, where a revocation may", .shownUnknown,
      refused: { try naming("approved") },
      accepted: { try naming("revoked") }),
  ]

  private static func naming(_ word: String) throws -> Verdict {
    let space = try TestSpace.assignment()
    let write = FieldWrite.open(
      Consent.clientKey, Decision.client(word).value, shown: [.of(Person.client.rawValue, 40)])
    return try space.judge(space.commit(by: .client, .update(TestSchema.assignment, 1, write)))
  }
}

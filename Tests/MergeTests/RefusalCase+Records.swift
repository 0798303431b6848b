import CBOR
import Merge

extension RefusalCase {
  private static let ticket = TestSchema.ticket
  private static let comment = TestSchema.comment

  private static func judge(
    _ space: TestSpace, _ person: Person, _ change: RecordChange
  ) throws -> Verdict {
    try space.judge(space.commit(by: person, change))
  }

  /// A casework space in which the contact deleted a comment of their own.
  private static func withDeletedComment() throws -> TestSpace {
    var space = try TestSpace.casework()
    try space.append(space.commit(by: .contact, .create(comment, 5, .open("text", "t"))))
    try space.append(space.commit(by: .contact, .delete(comment, 5)))
    return space
  }

  /// What stands already, and what does not.
  static let records: [RefusalCase] = [
    RefusalCase(
      "an id that is taken", .recordExists,
      refused: { try judge(.casework(), .staff, .create(ticket, 1)) },
      accepted: { try judge(.casework(), .staff, .create(ticket, 2)) }),
    RefusalCase(
      "a second assignment in its space", .recordExists,
      refused: {
        let client = FieldWrite.open("client", .bytes(Person.client.account.bytes))
        return try judge(
          .assignment(), .admin, .create(TestSchema.assignment, 2, client, TestSpace.proposer))
      },
      accepted: {
        var space = try TestSpace.unopened()
        try space.append(.opened(TestSpace.assignmentOpening))
        let client = FieldWrite.open("client", .bytes(Person.client.account.bytes))
        return try judge(
          space, .admin, .create(TestSchema.assignment, 2, client, TestSpace.proposer))
      }),
    RefusalCase(
      "two assignments in one commit", .recordExists,
      refused: {
        var space = try TestSpace.unopened()
        try space.append(.opened(TestSpace.assignmentOpening))
        let client = FieldWrite.open("client", .bytes(Person.client.account.bytes))
        let fact = space.commit(
          by: .admin, .create(TestSchema.assignment, 1, client, TestSpace.proposer),
          .create(TestSchema.assignment, 2, client, TestSpace.proposer))
        return try space.judge(fact)
      },
      accepted: {
        let space = try TestSpace.casework()
        let fact = space.commit(by: .staff, .create(ticket, 2), .create(ticket, 3))
        return try space.judge(fact)
      }),
    RefusalCase(
      "a record that was never made", .recordUnknown,
      refused: { try judge(.casework(), .staff, .update(ticket, 2, .open("title", "t"))) },
      accepted: { try judge(.casework(), .staff, .update(ticket, 1, .open("title", "t"))) }),
    RefusalCase(
      "a record of the same id but another type", .recordUnknown,
      refused: { try judge(.casework(), .staff, .update(comment, 1, .open("text", "t"))) },
      accepted: { try judge(.casework(), .staff, .create(comment, 1, .open("text", "t"))) }),
    RefusalCase(
      "a deleted record whose delete wins", .gone,
      refused: {
        try judge(withDeletedComment(), .contact, .update(comment, 5, .open("text", "u")))
      },
      accepted: {
        var space = try TestSpace.casework()
        try space.append(space.commit(by: .staff, .delete(ticket, 1)))
        return try judge(space, .contact, .update(ticket, 1, .open("title", "u")))
      }),
    RefusalCase(
      "deleting again what is gone", .gone,
      refused: { try judge(withDeletedComment(), .contact, .delete(comment, 5)) },
      accepted: {
        var space = try TestSpace.casework()
        try space.append(space.commit(by: .staff, .delete(ticket, 1)))
        return try judge(space, .staff, .delete(ticket, 1))
      }),
    RefusalCase(
      "a comment taken over with a record of the same id", .notAllowed,
      refused: {
        var space = try TestSpace.casework()
        try space.append(space.commit(by: .contact, .create(comment, 5, .open("text", "t"))))
        let fact = space.commit(
          by: .staff, .create(ticket, 5), .update(comment, 5, .open("text", "mine")))
        return try space.judge(fact)
      },
      accepted: {
        var space = try TestSpace.casework()
        try space.append(space.commit(by: .contact, .create(comment, 5, .open("text", "t"))))
        let fact = space.commit(
          by: .contact, .create(ticket, 5), .update(comment, 5, .open("text", "mine")))
        return try space.judge(fact)
      }),
    RefusalCase(
      "a missing required field", .requiredMissing,
      refused: { try judge(.engagement(), .client, .create(TestSchema.note, 2)) },
      accepted: {
        try judge(.engagement(), .client, .create(TestSchema.note, 2, TestSpace.noteText))
      }),
    RefusalCase(
      "a type of another kind of space", .typeElsewhere,
      refused: { try judge(.casework(), .staff, .create(TestSchema.file, 1)) },
      accepted: { try judge(.vault(), .client, .create(TestSchema.file, 1)) }),
  ]

  /// What a field takes.
  static let fields: [RefusalCase] = [
    RefusalCase(
      "a field that was written once", .alreadyWritten,
      refused: {
        var space = try TestSpace.casework()
        let source = RecordChange.update(ticket, 1, .open("source", "mail"))
        try space.append(space.commit(by: .contact, source))
        return try judge(space, .staff, source)
      },
      accepted: {
        try judge(.casework(), .staff, .update(ticket, 1, .open("source", "mail")))
      }),
    RefusalCase(
      "a number that the server gave", .alreadyWritten,
      refused: {
        var space = try TestSpace.casework()
        let number = RecordChange.update(ticket, 1, .open("number", .unsigned(1)))
        try space.append(space.commit(by: .server, number))
        return try judge(space, .server, number)
      },
      accepted: {
        try judge(.casework(), .server, .update(ticket, 1, .open("number", .unsigned(1))))
      }),
    RefusalCase(
      "open where the schema seals", .sealedMismatch,
      refused: {
        try judge(.engagement(), .client, .create(TestSchema.note, 2, .open("text", "plain")))
      },
      accepted: {
        try judge(.engagement(), .client, .create(TestSchema.note, 2, TestSpace.noteText))
      }),
    RefusalCase(
      "sealed where the schema is open", .sealedMismatch,
      refused: {
        let title = FieldWrite.sealed("title", under: TestSpace.firstEpoch(.casework))
        return try judge(.casework(), .staff, .update(ticket, 1, title))
      },
      accepted: { try judge(.casework(), .staff, .update(ticket, 1, .open("title", "t"))) }),
    RefusalCase(
      "a decision cleared", .valueInvalid,
      refused: {
        let cleared = FieldWrite.open(Consent.clientKey, .null)
        return try judge(.assignment(), .client, .update(TestSchema.assignment, 1, cleared))
      },
      accepted: { try judge(.assignment(), .client, Decision.client("declined").change) }),
    RefusalCase(
      "a set written as a whole", .valueInvalid,
      refused: { try judge(.casework(), .staff, .update(ticket, 1, .open("labels", true))) },
      accepted: {
        try judge(.casework(), .staff, .update(ticket, 1, .open("labels/urgent", true)))
      }),
    RefusalCase(
      "a value of another kind", .valueInvalid,
      refused: { try judge(.casework(), .staff, .update(ticket, 1, .open("title", true))) },
      accepted: { try judge(.casework(), .staff, .update(ticket, 1, .open("title", "t"))) }),
    RefusalCase(
      "a set's element that is neither in nor out", .valueInvalid,
      refused: {
        try judge(.casework(), .staff, .update(ticket, 1, .open("labels/urgent", "yes")))
      },
      accepted: {
        try judge(.casework(), .staff, .update(ticket, 1, .open("labels/urgent", false)))
      }),
    RefusalCase(
      "an element of a field that is no set", .valueInvalid,
      refused: {
        try judge(.casework(), .staff, .update(ticket, 1, .open("title/first", "t")))
      },
      accepted: { try judge(.casework(), .staff, .update(ticket, 1, .open("title", "t"))) }),
  ]
}

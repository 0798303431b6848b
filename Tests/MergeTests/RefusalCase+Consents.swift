import CBOR
import Merge
import TestSupport

extension RefusalCase {
  private static func share(
    vault: SpaceID = TestSpace.clientVault, grant: Origin = TestSpace.approval
  ) -> RecordChange {
    .create(
      TestSchema.share, 1, .open("vault", .bytes(vault.bytes)),
      .open("grant", .bytes(grant.packed)))
  }

  /// An engagement with a share whose access is as given, and a remark under it.
  private static func remark(
    _ person: Person, state: String, until: UInt64? = nil,
    permissions: [Permission] = [.addNotes]
  ) throws -> Verdict {
    var space = try TestSpace.engagement()
    var access: [(key: CBORValue, value: CBORValue)] = [
      (.text("state"), .text(state)),
      (.text("permissions"), .array(permissions.map { .text($0.rawValue) })),
    ]
    if let until { access.append((.text("until"), .unsigned(until))) }
    let shared = RecordChange(
      type: "share", record: .numbered(1), operation: .create,
      writes: share().writes + [.open("access", .map(CBORMap(access)))])
    try space.append(space.commit(by: .client, shared))
    return try space.judge(
      space.commit(
        by: person,
        .create(TestSchema.remark, 3, .open("share", .bytes(RecordID.numbered(1).bytes)))))
  }

  private static let question = RecordChange.create(
    TestSchema.request, 7, .open("reason", .text("follow-up")))

  /// An engagement whose consent has run out.
  private static func expired() throws -> TestSpace {
    let end = TestSpace.openedMilliseconds + 1000
    var space = try TestSpace.engagement(until: .unsigned(end))
    try space.append(.time(milliseconds: end))
    return space
  }

  private static func note(_ person: Person, in space: TestSpace) throws -> Verdict {
    try space.judge(
      space.commit(by: person, .create(TestSchema.note, 2, TestSpace.noteText)))
  }

  /// What rests on consent.
  static let consents: [RefusalCase] = [
    RefusalCase(
      "a practitioner after the consent's end", .consentInactive,
      refused: {
        let end = TestSpace.openedMilliseconds + 1000
        var space = try TestSpace.engagement(until: .unsigned(end))
        try space.append(.time(milliseconds: end))
        return try note(.practitioner, in: space)
      },
      accepted: {
        let end = TestSpace.openedMilliseconds + 1000
        var space = try TestSpace.engagement(until: .unsigned(end))
        try space.append(.time(milliseconds: end - 1))
        return try note(.practitioner, in: space)
      }),
    RefusalCase(
      "a practitioner after the consent's end, where the client may", .consentInactive,
      refused: {
        let end = TestSpace.openedMilliseconds + 1000
        var space = try TestSpace.engagement(until: .unsigned(end))
        try space.append(.time(milliseconds: end + 1))
        return try note(.practitioner, in: space)
      },
      accepted: {
        let end = TestSpace.openedMilliseconds + 1000
        var space = try TestSpace.engagement(until: .unsigned(end))
        try space.append(.time(milliseconds: end + 1))
        return try note(.client, in: space)
      }),
    RefusalCase(
      "a practitioner after the consent's end, beside what they ask", .consentInactive,
      refused: {
        let space = try expired()
        return try space.judge(
          space.commit(by: .practitioner, question, .create(TestSchema.note, 2, TestSpace.noteText))
        )
      },
      accepted: {
        let space = try expired()
        return try space.judge(space.commit(by: .practitioner, question))
      }),
    RefusalCase(
      "a question after the consent was taken back", .ended,
      refused: {
        var space = try TestSpace.engagement()
        try space.append(TestSpace.consents(.client("approved"), .client("revoked"))[1])
        return try space.judge(space.commit(by: .practitioner, question))
      },
      accepted: {
        let space = try TestSpace.engagement()
        return try space.judge(space.commit(by: .practitioner, question))
      }),
    RefusalCase(
      "a field beyond what the consent allows", .permissionMissing,
      refused: { try remind(.practitioner) },
      accepted: { try remind(.client) }),
    RefusalCase(
      "a record beyond what the consent allows", .permissionMissing,
      refused: {
        var space = try TestSpace.engagement()
        let later = TestSpace.consents(
          .client("approved"), .client("approved", ["view_files"]))
        try space.append(later[1])
        return try note(.practitioner, in: space)
      },
      accepted: { try note(.practitioner, in: .engagement()) }),
    RefusalCase(
      "an engagement opened before both have agreed", .consentInactive,
      refused: {
        var space = try TestSpace.unopened()
        for fact in TestSpace.consents(.client("approved")) { try space.append(fact) }
        return try space.judge(.opened(TestSpace.engagementOpening()))
      },
      accepted: { try TestSpace.approved().judge(.opened(TestSpace.engagementOpening())) }),
    RefusalCase(
      "an engagement that rests on no approval of the log", .grantUnknown,
      refused: {
        let opening = TestSpace.engagementOpening(approval: .of(Person.client.rawValue, 2))
        return try TestSpace.approved().judge(.opened(opening))
      },
      accepted: { try TestSpace.approved().judge(.opened(TestSpace.engagementOpening())) }),
    RefusalCase(
      "a practitioner's remark under a share that was revoked", .shareInactive,
      refused: { try remark(.practitioner, state: "revoked") },
      accepted: { try remark(.practitioner, state: "active") }),
    RefusalCase(
      "a practitioner's remark under a share that has ended", .shareInactive,
      refused: {
        try remark(.practitioner, state: "active", until: TestSpace.openedMilliseconds)
      },
      accepted: {
        try remark(.practitioner, state: "active", until: TestSpace.openedMilliseconds + 1)
      }),
    RefusalCase(
      "a practitioner's remark under a share that allows none", .shareInactive,
      refused: { try remark(.practitioner, state: "active", permissions: [.viewFiles]) },
      accepted: { try remark(.client, state: "revoked", permissions: []) }),
    RefusalCase(
      "a share of another vault", .grantUnknown,
      refused: {
        let space = try TestSpace.engagement()
        return try space.judge(space.commit(by: .client, share(vault: .numbered(78))))
      },
      accepted: {
        let space = try TestSpace.engagement()
        return try space.judge(space.commit(by: .client, share()))
      }),
    RefusalCase(
      "a share that rests on no approval of the log", .grantUnknown,
      refused: {
        let space = try TestSpace.engagement()
        let other = Origin(replica: Person.practitioner.replica, sequence: 1)
        return try space.judge(space.commit(by: .client, share(grant: other)))
      },
      accepted: {
        let space = try TestSpace.engagement()
        return try space.judge(space.commit(by: .client, share()))
      }),
    RefusalCase(
      "a client's share once the client has revoked", .ended,
      refused: {
        var space = try TestSpace.engagement()
        let revocation = TestSpace.consents(.client("approved"), .client("revoked"))[1]
        try space.append(revocation)
        return try space.judge(space.commit(by: .client, share()))
      },
      accepted: {
        let space = try TestSpace.engagement()
        return try space.judge(space.commit(by: .client, share()))
      }),
  ]

  private static func remind(_ person: Person) throws -> Verdict {
    let space = try TestSpace.engagement()
    let reminder = FieldWrite.open("reminder", .unsigned(5))
    return try space.judge(space.commit(by: person, .update(TestSchema.note, 1, reminder)))
  }

  private static func ended() throws -> TestSpace {
    var space = try TestSpace.engagement()
    try space.append(.ended(by: Person.practitioner.device))
    return space
  }

  /// An engagement ends once, and for everybody.
  static let ends: [RefusalCase] = [
    RefusalCase(
      "a commit after the end", .ended,
      refused: { try note(.client, in: ended()) },
      accepted: { try note(.client, in: .engagement()) }),
    RefusalCase(
      "the server after the end", .ended,
      refused: {
        let space = try ended()
        return try space.judge(space.commit(by: .server))
      },
      accepted: {
        let space = try TestSpace.engagement()
        return try space.judge(space.commit(by: .server))
      }),
    RefusalCase(
      "an epoch after the end", .ended,
      refused: {
        let space = try ended()
        return try space.judge(.epoch(space.proposal(by: .client, .beginning(9))))
      },
      accepted: {
        let space = try TestSpace.engagement()
        return try space.judge(.epoch(space.proposal(by: .client, .beginning(9))))
      }),
    RefusalCase(
      "a second end", .ended,
      refused: { try ended().judge(.ended(by: Person.client.device)) },
      accepted: { try TestSpace.engagement().judge(.ended(by: Person.client.device)) }),
    RefusalCase(
      "an end of what is no engagement", .notAllowed,
      refused: { try TestSpace.casework().judge(.ended(by: Person.contact.device)) },
      accepted: { try TestSpace.engagement().judge(.ended(by: Person.practitioner.device)) }),
  ]
}

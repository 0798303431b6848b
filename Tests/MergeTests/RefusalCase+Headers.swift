import CBOR
import Merge

extension RefusalCase {
  private static let limit = HybridClock.aheadMillisecondsMax

  private static func note(_ space: TestSpace, ahead: UInt64) -> LogFact {
    space.commit(
      by: .client, ahead: ahead, .create(TestSchema.note, 2, TestSpace.noteText))
  }

  private static func title(_ word: CBORValue) -> RecordChange {
    .update(TestSchema.ticket, 1, .open("title", word))
  }

  /// What a commit says of itself.
  static let headers: [RefusalCase] = [
    RefusalCase(
      "a clock more than five minutes ahead", .clockAhead,
      refused: {
        let space = try TestSpace.engagement()
        return try space.judge(note(space, ahead: limit + 1))
      },
      accepted: {
        let space = try TestSpace.engagement()
        return try space.judge(note(space, ahead: limit))
      }),
    RefusalCase(
      "a grant with a clock ahead, where a revocation passes", .clockAhead,
      refused: {
        let space = try TestSpace.assignment()
        let grant = Decision.client("approved").change
        return try space.judge(space.commit(by: .client, ahead: limit + 1, grant))
      },
      accepted: {
        let space = try TestSpace.assignment()
        let revocation = Decision.client("revoked").change
        return try space.judge(space.commit(by: .client, ahead: limit * 1000, revocation))
      }),
    RefusalCase(
      "a revocation with a clock ahead that is not a commit of its own", .clockAhead,
      refused: {
        let space = try TestSpace.assignment()
        let also = RecordChange.update(
          TestSchema.assignment, 1, Decision.client("revoked").write,
          .open("client", .bytes(Person.client.account.bytes)))
        return try space.judge(space.commit(by: .client, ahead: limit + 1, also))
      },
      accepted: {
        let space = try TestSpace.assignment()
        let revocation = Decision.client("revoked").change
        return try space.judge(space.commit(by: .client, ahead: limit + 1, revocation))
      }),
    RefusalCase(
      "a context beyond the head", .contextAhead,
      refused: {
        let space = try TestSpace.casework()
        let seen = space.state.position.next
        return try space.judge(space.commit(by: .staff, seen: seen, title("t")))
      },
      accepted: {
        let space = try TestSpace.casework()
        return try space.judge(
          space.commit(by: .staff, seen: space.state.position, title("t")))
      }),
    RefusalCase(
      "another incarnation", .incarnationUnknown,
      refused: {
        let space = try TestSpace.casework()
        return try space.judge(space.commit(by: .staff, incarnation: 1, title("t")))
      },
      accepted: {
        let space = try TestSpace.casework()
        return try space.judge(space.commit(by: .staff, incarnation: 0, title("t")))
      }),
    RefusalCase(
      "too many changes", .tooLarge,
      refused: { try comments(Commit.changeCountMax + 1) },
      accepted: { try comments(Commit.changeCountMax) }),
    RefusalCase(
      "a record changed twice", .malformed,
      refused: {
        let space = try TestSpace.casework()
        return try space.judge(space.commit(by: .staff, title("one"), title("two")))
      },
      accepted: {
        let space = try TestSpace.casework()
        let other = RecordChange.create(TestSchema.ticket, 2, .open("title", "two"))
        return try space.judge(space.commit(by: .staff, title("one"), other))
      }),
    RefusalCase(
      "a re-issue under another device's origin", .malformed,
      refused: {
        let space = try TestSpace.casework()
        let theirs = Origin(replica: Person.contact.replica, sequence: 9)
        return try space.judge(space.commit(by: .staff, reissued: theirs, title("t")))
      },
      accepted: {
        let space = try TestSpace.casework()
        let otherHome = ReplicaID(device: Person.staff.device, home: 1234)
        let own = Origin(replica: otherHome, sequence: 9)
        return try space.judge(space.commit(by: .staff, reissued: own, title("t")))
      }),
    RefusalCase(
      "a second decision under the origin of one that stands", .malformed,
      refused: { try resolve(sequence: 1) }, accepted: { try resolve(sequence: 2) }),
    RefusalCase(
      "a re-issue of what was not written before", .malformed,
      refused: {
        let space = try TestSpace.casework()
        return try space.judge(
          space.commit(by: .contact, reissued: space.nextOrigin(of: .contact), title("t")))
      },
      accepted: {
        let space = try TestSpace.casework()
        let first = Origin(replica: Person.contact.replica, sequence: 1)
        return try space.judge(space.commit(by: .contact, reissued: first, title("t")))
      }),
  ]

  /// The staff resolves the ticket in its first commit, the contact reopens it, and the staff resolves
  /// it again as a re-issue of its commit of this sequence.
  private static func resolve(sequence: UInt64) throws -> Verdict {
    var space = try TestSpace.casework()
    let status = { (word: CBORValue, shown: Origin) in
      RecordChange.update(
        TestSchema.ticket, 1, FieldWrite(key: "status", value: word, shown: [shown]))
    }
    let (staff, contact) = (Person.staff.replica, Person.contact.replica)
    try space.append(
      space.commit(by: .staff, status("resolved", Origin(replica: contact, sequence: 1))))
    try space.append(space.commit(by: .staff, title("t")))
    try space.append(
      space.commit(by: .contact, status("reopened", Origin(replica: staff, sequence: 1))))
    return try space.judge(
      space.commit(
        by: .staff, reissued: Origin(replica: staff, sequence: sequence),
        status("resolved", Origin(replica: contact, sequence: 2))))
  }

  private static func comments(_ count: Int) throws -> Verdict {
    let space = try TestSpace.casework()
    let changes = (1...count).map {
      RecordChange.create(TestSchema.comment, $0, .open("text", "t"))
    }
    let header = CommitHeader(time: .zero, context: Context(position: .zero))
    return try space.judge(
      .commit(Commit(header: header, changes: changes), space.nextOrigin(of: .staff)))
  }
}

import CBOR
import Merge
import TestSupport

extension RefusalCase {
  private static var refusedOrigin: Origin {
    Origin(replica: ReplicaID(device: Person.staff.device, home: 1), sequence: 1)
  }

  private static let ticket = TestSchema.ticket
  private static let title = RecordChange.update(ticket, 1, .open("title", "t"))

  private static func comment(_ number: Int) -> RecordChange {
    .create(TestSchema.comment, number, .open("text", "t"))
  }

  /// Who may write at all.
  static let authors: [RefusalCase] = [
    RefusalCase(
      "somebody who is not a member", .notMember,
      refused: {
        let space = try TestSpace.casework()
        return try space.judge(space.commit(by: .outsider, comment(1)))
      },
      accepted: {
        var space = try TestSpace.casework()
        try space.append(.memberJoined(Person.outsider.account, .staff, TestSpace.team))
        return try space.judge(space.commit(by: .outsider, comment(1)))
      }),
    RefusalCase(
      "a member who has left", .notMember,
      refused: {
        var space = try TestSpace.casework()
        try space.append(.memberLeft(Person.staff.account))
        return try space.judge(space.commit(by: .staff, comment(1)))
      },
      accepted: {
        var space = try TestSpace.casework()
        try space.append(.memberLeft(Person.staff.account))
        try space.append(.memberJoined(Person.staff.account, .staff, TestSpace.team))
        return try space.judge(space.commit(by: .staff, comment(1)))
      }),
    RefusalCase(
      "a device that no chain has certified", .deviceUnknown,
      refused: {
        let space = try TestSpace.casework()
        let origin = Origin.of(50, 1)
        guard case .commit(let commit, _) = space.commit(by: .staff, comment(1)) else {
          return .accepted
        }
        return try space.judge(.commit(commit, origin))
      },
      accepted: {
        var space = try TestSpace.casework()
        try space.append(.deviceCertified(.numbered(50), Person.staff.account))
        guard case .commit(let commit, _) = space.commit(by: .staff, comment(1)) else {
          return .deferred(.gap)
        }
        return try space.judge(.commit(commit, .of(50, 1)))
      }),
    RefusalCase(
      "a device that was removed", .deviceBarred,
      refused: {
        var space = try TestSpace.casework()
        try space.append(.deviceRevoked(Person.staff.device, Person.staff.account))
        // Certified again does not let it back in.
        try space.append(.deviceCertified(Person.staff.device, Person.staff.account))
        return try space.judge(space.commit(by: .staff, comment(1)))
      },
      accepted: {
        var space = try TestSpace.casework()
        try space.append(.deviceRevoked(.numbered(50), Person.staff.account))
        return try space.judge(space.commit(by: .staff, comment(1)))
      }),
    RefusalCase(
      "a space that nobody has opened", .spaceNotOpened,
      refused: {
        let space = try TestSpace.unopened()
        return try space.judge(space.commit(by: .contact, comment(1)))
      },
      accepted: {
        let space = try TestSpace.casework()
        return try space.judge(space.commit(by: .contact, comment(1)))
      }),
    RefusalCase(
      "a refusal in a space that nobody has opened", .spaceNotOpened,
      refused: { try TestSpace.unopened().judge(.refused(refusedOrigin)) },
      accepted: { try TestSpace.casework().judge(.refused(refusedOrigin)) }),
    RefusalCase(
      "a role that may not create", .notAllowed,
      refused: {
        let space = try TestSpace.assignment()
        return try space.judge(space.commit(by: .practitioner, .create(TestSchema.assignment, 2)))
      },
      accepted: {
        var space = try TestSpace.unopened()
        try space.append(.opened(TestSpace.assignmentOpening))
        let client = FieldWrite.open("client", .bytes(Person.client.account.bytes))
        return try space.judge(
          space.commit(by: .admin, .create(TestSchema.assignment, 2, client, TestSpace.proposer)))
      }),
    RefusalCase(
      "a field of another role", .notAllowed,
      refused: {
        let space = try TestSpace.casework()
        return try space.judge(
          space.commit(by: .staff, .update(ticket, 1, .open("number", .unsigned(1)))))
      },
      accepted: {
        let space = try TestSpace.casework()
        return try space.judge(
          space.commit(by: .server, .update(ticket, 1, .open("number", .unsigned(1)))))
      }),
    RefusalCase(
      "an author's field by somebody else", .notAllowed,
      refused: {
        let space = try TestSpace.engagement()
        let pinned = FieldWrite.open("pinned", true)
        return try space.judge(space.commit(by: .client, .update(TestSchema.note, 1, pinned)))
      },
      accepted: {
        let space = try TestSpace.engagement()
        let pinned = FieldWrite.open("pinned", true)
        return try space.judge(
          space.commit(by: .practitioner, .update(TestSchema.note, 1, pinned)))
      }),
    RefusalCase(
      "deleting what somebody else wrote", .notAllowed,
      refused: {
        let space = try TestSpace.engagement()
        return try space.judge(space.commit(by: .client, .delete(TestSchema.note, 1)))
      },
      accepted: {
        let space = try TestSpace.engagement()
        return try space.judge(space.commit(by: .practitioner, .delete(TestSchema.note, 1)))
      }),
  ]
}

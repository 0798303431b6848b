import CBOR
import Merge

extension RefusalCase {
  private static let hour: UInt64 = 60 * 60 * 1000

  /// A casework space with a deposit of the contact's.
  private static func deposited(state: String = "active") throws -> TestSpace {
    var space = try TestSpace.casework()
    try space.append(
      space.commit(by: .contact, .create(TestSchema.deposit, 7, .open("state", "active"))))
    if state != "active" {
      try space.append(
        space.commit(by: .contact, .update(TestSchema.deposit, 7, .open("state", .text(state)))))
    }
    return space
  }

  private static let reason = FieldWrite.open("reason", "found unconscious")

  private static func opening(
    _ space: TestSpace, by person: Person = .staff, after: UInt64 = hour,
    reason: FieldWrite? = reason
  ) throws -> LogFact {
    let access = TestSchema.access(until: space.state.timeMilliseconds + after)
    let change = RecordChange(
      type: TestSchema.deposit.name, record: .numbered(7), operation: .update,
      writes: [access] + (reason.map { [$0] } ?? []))
    return space.commit(by: person, change)
  }

  private static func closing(_ space: TestSpace, by person: Person = .contact) throws -> LogFact {
    space.commit(by: person, .update(TestSchema.deposit, 7, .open("closed", .unsigned(1))))
  }

  /// What is added to the opening of a deposit that stands; the neighbour is a plain one.
  private static func openingCase(
    _ name: String, _ code: Refusal.Code,
    _ opening: @escaping @Sendable (TestSpace) throws -> LogFact
  ) -> RefusalCase {
    RefusalCase(
      name, code,
      refused: {
        let space = try deposited()
        return try space.judge(opening(space))
      },
      accepted: {
        let space = try deposited()
        return try space.judge(Self.opening(space))
      })
  }

  /// Deposits for an emergency: opened once, with a reason, for 24 hours of log time at most.
  static let emergencies: [RefusalCase] = [
    openingCase("a deposit opened without a reason", .requiredMissing) {
      try opening($0, reason: nil)
    },
    openingCase("a deposit opened with nothing as the reason", .requiredMissing) {
      try opening($0, reason: .open("reason", .null))
    },
    openingCase("a deposit opened by the client's side", .notAllowed) {
      try opening($0, by: .contact)
    },
    openingCase("a deposit opened until now", .valueInvalid) { try opening($0, after: 0) },
    RefusalCase(
      "a deposit opened for longer than a day", .valueInvalid,
      refused: {
        let space = try deposited()
        return try space.judge(opening(space, after: 24 * hour + 1))
      },
      accepted: {
        let space = try deposited()
        return try space.judge(opening(space, after: 24 * hour))
      }),
    RefusalCase(
      "a deposit that was taken back", .shareInactive,
      refused: {
        let space = try deposited(state: "withdrawn")
        return try space.judge(opening(space))
      },
      accepted: {
        let space = try deposited()
        return try space.judge(opening(space))
      }),
    RefusalCase(
      "a deposit that was taken back and put down again at the same time", .shareInactive,
      refused: {
        var space = try deposited()
        let seen = space.state.position
        let (back, down) = ("withdrawn", "active")
        for word in [back, down] {
          try space.append(
            space.commit(
              by: .contact, seen: seen,
              .update(TestSchema.deposit, 7, .open("state", .text(word)))))
        }
        return try space.judge(opening(space))
      },
      accepted: {
        let space = try deposited()
        return try space.judge(opening(space))
      }),
    RefusalCase(
      "a deposit opened a second time", .alreadyWritten,
      refused: {
        var space = try deposited()
        try space.append(opening(space))
        return try space.judge(opening(space, after: 2 * hour))
      },
      accepted: {
        let space = try deposited()
        return try space.judge(opening(space, after: 2 * hour))
      }),
    RefusalCase(
      "a deposit closed that nobody opened", .transitionNotAllowed,
      refused: {
        let space = try deposited()
        return try space.judge(closing(space))
      },
      accepted: {
        var space = try deposited()
        try space.append(opening(space))
        return try space.judge(closing(space))
      }),
    RefusalCase(
      "a deposit opened under a clock that ran on", .valueInvalid,
      refused: {
        var space = try deposited()
        let late = try opening(space)
        try space.append(.time(milliseconds: space.state.timeMilliseconds + hour))
        return try space.judge(late)
      },
      accepted: {
        var space = try deposited()
        let inTime = try opening(space)
        try space.append(.time(milliseconds: space.state.timeMilliseconds + hour - 1))
        return try space.judge(inTime)
      }),
  ]
}

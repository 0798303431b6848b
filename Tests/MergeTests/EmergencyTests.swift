import Merge
import Testing

/// What acceptance lets through of an emergency; what it refuses is in the refusal cases.
struct EmergencyTests {
  /// Both sides may end what staff has opened, and once it was closed nobody closes it again.
  @Test(arguments: [Person.staff, .contact]) func eitherSideClosesIt(person: Person) throws {
    var space = try TestSpace.casework()
    let create = RecordChange.create(TestSchema.deposit, 7, .open("state", "active"))
    #expect(try space.append(space.commit(by: .contact, create)) == .accepted)
    let open = RecordChange.update(
      TestSchema.deposit, 7, TestSchema.access(until: space.state.timeMilliseconds + 1000),
      .open("reason", "found unconscious"))
    #expect(try space.append(space.commit(by: .staff, open)) == .accepted)
    let close = RecordChange.update(TestSchema.deposit, 7, .open("closed", .unsigned(1)))
    #expect(try space.append(space.commit(by: person, close)) == .accepted)
    guard case .refused(let refusal) = try space.judge(space.commit(by: .staff, close)) else {
      Issue.record("closed twice")
      return
    }
    #expect(refusal.code == .alreadyWritten)
  }

  /// The longest time is by the log: a device's clock that is behind gains nothing.
  @Test func theDayIsCountedByTheLog() throws {
    var space = try TestSpace.casework()
    try space.append(
      space.commit(by: .contact, .create(TestSchema.deposit, 7, .open("state", "active"))))
    let opened = space.state.timeMilliseconds
    let until = opened + EmergencyRules.openMillisecondsMax + 1
    let open = RecordChange.update(
      TestSchema.deposit, 7, TestSchema.access(until: until), .open("reason", "why"))
    guard case .refused(let refusal) = try space.judge(space.commit(by: .staff, open)) else {
      Issue.record("opened for longer than a day")
      return
    }
    #expect(refusal.code == .valueInvalid)
    try space.append(.time(milliseconds: opened + 1))
    #expect(try space.judge(space.commit(by: .staff, open)) == .accepted)
  }
}

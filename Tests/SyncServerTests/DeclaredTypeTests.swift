import Merge
import Schemas
import SpaceStore
import SyncProtocol
import Testing

@testable import SyncServer

/// Record types of an organisation, as the server judges them for itself.
@Suite struct DeclaredTypeTests {
  let clinic: Clinic
  let casework: Clinic.Casework
  private var world: World { clinic.world }

  init() throws {
    clinic = try Clinic()
    casework = try clinic.openCasework()
  }

  private func name(of organisation: OrganisationID) -> String {
    "x_visit" + OrganisationTypeCheck.ending(of: organisation)
  }

  private func file(_ name: String, creators: String = #""contact""#) -> [UInt8] {
    Array(
      """
      {
        "type": "\(name)", "space": "casework", "concurrent_delete": "delete_wins",
        "history": "compact", "fields": { "room": { "kind": "text", "rule": "latest" } },
        "create": [\(creators)], "delete": []
      }
      """.utf8)
  }

  private func declare(_ file: [UInt8], by device: TestDevice) throws {
    try device.append(
      .organisationType(OrganisationType(file: file)), to: .organisation(clinic.organisation))
  }

  private func write(_ type: String, by device: TestDevice) throws -> PushVerdict {
    let change = RecordChange(
      type: type, record: clinic.newRecord(), operation: .create,
      writes: [FieldWrite(key: "room", value: .text("3"))])
    return try device.write(casework.space, [change])
  }

  private func refusal(_ verdict: PushVerdict) -> Refusal.Code? {
    if case .refused(_, let refusal) = verdict { refusal.code } else { nil }
  }

  @Test func takesWhatAnAdministratorDeclared() throws {
    let name = name(of: clinic.organisation)
    #expect(refusal(try write(name, by: clinic.client)) == .typeElsewhere)
    try declare(file(name), by: clinic.admin)
    // It stands in the log before anybody writes.
    let reader = try TestReader(clinic.client)
    try reader.pull(casework.space)
    #expect(try reader.store.state(casework.space).pinnedTypes.keys.sorted() == [name])
    guard case .accepted = try write(name, by: clinic.client) else {
      Issue.record("the record is accepted")
      return
    }
    #expect(refusal(try write(name, by: clinic.practitioner)) == .notAllowed)
    try reader.pull(casework.space)
    let own = try reader.store.digest(of: casework.space)
    let server = try world.server.inspect { try $0.store.digest(of: casework.space) }
    #expect(own == server)
  }

  @Test func anotherOrganisationsTypeIsRefused() throws {
    try declare(file(name(of: clinic.organisation)), by: clinic.admin)
    let other = name(of: .numbered(5))
    #expect(refusal(try write(other, by: clinic.client)) == .typeElsewhere)
  }

  @Test func whatDoesNotFitIsNotAppended() throws {
    let name = name(of: clinic.organisation)
    let head = try world.head(.organisation(clinic.organisation))
    for bad in [file("x_visit"), file(self.name(of: .numbered(5))), file("ticket"), [0x7b]] {
      #expect(throws: ErrorCode.malformed) { try declare(bad, by: clinic.admin) }
    }
    #expect(throws: ErrorCode.notAllowed) { try declare(file(name), by: clinic.practitioner) }
    #expect(try world.head(.organisation(clinic.organisation)) == head)
    try declare(file(name), by: clinic.admin)
    #expect(throws: ErrorCode.malformed) {
      try declare(file(name, creators: #""contact", "staff""#), by: clinic.admin)
    }
  }
}

import CBOR
import Merge
import Simulation
import Testing

@testable import Replica
@testable import SpaceStore

/// A refused write is written anew as it was: what its author had seen, and no more, is written over.
@Suite("Refused writes, written anew")
struct ConflictReissueTests {
  private let casework: Casework
  private let ticket: RecordReference

  init() throws {
    casework = try Casework()
    ticket = try casework.laptop.newTicket(
      TicketDraft(title: "One", severity: "minor"), in: casework.space
    ).reference
    try casework.syncAll()
  }

  private func edit(
    _ device: Replica, title: String? = nil, severity: String? = nil
  ) throws {
    casework.clock.advance(minutes: 1)
    var edit = TicketEdit()
    edit.title = title
    edit.severity = severity
    try device.editTicket(ticket, edit)
  }

  /// The last unsent commit of a device is refused, in log and home.
  private func refuse(_ device: Replica, _ refusal: Refusal = Refusal(.permissionMissing)) throws {
    let number = try device.store.number(of: casework.space)
    let entry = try #require(try device.outbox(space: number).last)
    try casework.refuse(entry, of: device, refusal)
  }

  @Test("It keeps its context, its origin and its time, and overwrites nobody")
  func reissue() throws {
    try edit(casework.laptop, title: "Mine")
    try refuse(casework.laptop)
    let before = try casework.laptop.rejectedWrite(1)
    try edit(casework.phone, title: "Theirs")
    try casework.syncAll()
    try casework.laptop.reissueRejectedWrite(1)
    #expect(try casework.laptop.rejectedWrites().isEmpty)
    try casework.syncAll()
    for device in casework.devices {
      let conflict = try #require(try device.conflicts().first)
      #expect(conflict.values.map(\.value) == [.text("Theirs"), .text("Mine")])
      #expect(conflict.shown?.value == .text("Theirs"))
      let entry = try #require(try device.history(of: ticket).last)
      #expect(entry.reissueOf == before.journal)
      #expect(entry.context == before.context)
      #expect(entry.timeMilliseconds == before.time.milliseconds)
    }
  }

  @Test("What was written over since is left out, in the log or not sent yet")
  func since() throws {
    try edit(casework.laptop, title: "Old", severity: "major")
    try refuse(casework.laptop)
    try edit(casework.laptop, title: "New")
    try casework.syncAll()
    try casework.laptop.reissueRejectedWrite(1)
    try casework.syncAll()
    for device in casework.devices {
      #expect(try device.ticket(ticket).title == .text("New"))
      #expect(try device.ticket(ticket).severity == "major")
      #expect(try device.conflicts().isEmpty)
    }
    try edit(casework.laptop, severity: "critical")
    try refuse(casework.laptop)
    try edit(casework.laptop, severity: "minor")
    let number = try #require(try casework.laptop.rejectedWrites().first?.number)
    let error = #expect(throws: ReplicaError.self) {
      try casework.laptop.reissueRejectedWrite(number)
    }
    #expect(error?.explanation == "nothing is left to write: you have written over all of it since")
    #expect(try casework.laptop.rejectedWrites().count == 1)
  }

  @Test("What would be refused again is refused at once; with force it is sent all the same")
  func force() throws {
    let comment = try casework.laptop.comment(on: ticket, "Mine")
    try casework.syncAll()
    try casework.laptop.write(
      Draft([Draft.Change(.update, "comment", comment, [.init("text", .text("Edited"))])]),
      in: casework.space)
    try casework.phone.write(
      Draft([Draft.Change(.delete, "comment", comment)]), in: casework.space)
    try casework.sync(casework.phone)
    try casework.sync(casework.laptop)
    let codes = try casework.laptop.rejectedWrites().map(\.refusal.code)
    #expect(codes == [.gone])
    let code = try refusal { try casework.laptop.reissueRejectedWrite(1) }
    #expect(code == .gone)
    #expect(try casework.laptop.rejectedWrites().map(\.number) == [1])
    try casework.laptop.reissueRejectedWrite(1, force: true)
    #expect(try casework.laptop.rejectedWrites().isEmpty)
    try casework.syncAll()
    let again = try casework.laptop.rejectedWrites()
    #expect(again.map(\.refusal.code) == [.gone])
    #expect(again.first?.reissueOf != nil)
    #expect(again.first?.changes.first?.writes.map(\.value) == [.text("Edited")])
  }

  @Test("It is sealed again where its epoch is no longer in use")
  func resealed() throws {
    try edit(casework.practitioner, title: "Sealed before")
    try refuse(casework.practitioner)
    let stranger = try #require(DeviceID([UInt8](repeating: 7, count: DeviceID.byteCount)))
    try casework.state(.deviceRevoked(stranger, casework.client))
    try casework.sync(casework.practitioner)
    let waiting = "somebody was removed here, and the next key has not arrived"
    #expect(throws: ReplicaError.notReady(waiting)) {
      try casework.practitioner.reissueRejectedWrite(1)
    }
    try casework.makeEpoch(5)
    try casework.practitioner.reissueRejectedWrite(1)
    try casework.syncAll()
    for device in casework.devices {
      #expect(try device.ticket(ticket).title == .text("Sealed before"))
    }
    #expect(try casework.practitioner.rejectedWrites().isEmpty)
  }

  @Test("A creation that was refused, and what was written in it, come back one after the other")
  func dependants() throws {
    let made = try casework.laptop.newTicket(TicketDraft(title: "Made"), in: casework.space)
      .reference
    try refuse(casework.laptop)
    var title = TicketEdit()
    title.title = "Made and named"
    // Nothing shows the ticket any more, so that nobody writes in it by mistake.
    #expect(throws: ReplicaError.self) { try casework.laptop.editTicket(made, title) }
    try casework.laptop.reissueRejectedWrite(1)
    try casework.laptop.editTicket(made, title)
    try casework.syncAll()
    #expect(try casework.phone.ticket(made).title == .text("Made and named"))
  }

  @Test("There is nothing to write again under a number that is not there")
  func unknown() throws {
    #expect(throws: ReplicaError.notFound("refused write 9")) {
      try casework.laptop.reissueRejectedWrite(9)
    }
  }
}

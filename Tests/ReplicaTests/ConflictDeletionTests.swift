import Merge
import Simulation
import Testing

@testable import Replica

/// A ticket is deleted while somebody writes in it: it stays, and people see that and decide.
@Suite("Deleted against edited")
struct ConflictDeletionTests {
  private let casework: Casework
  private let ticket: RecordReference

  init() throws {
    casework = try Casework()
    ticket = try casework.laptop.newTicket(
      TicketDraft(title: "One", severity: "minor"), in: casework.space
    ).reference
    try casework.syncAll()
  }

  private func delete() throws {
    try casework.practitioner.write(
      Draft([Draft.Change(.delete, "ticket", ticket.record)]), in: casework.space)
  }

  private func retitle(_ device: Replica, _ title: String) throws {
    casework.clock.advance(minutes: 1)
    var edit = TicketEdit()
    edit.title = title
    try device.editTicket(ticket, edit)
  }

  /// Neither has seen what the other did.
  private func cross(deletionFirst: Bool) throws {
    try delete()
    try retitle(casework.laptop, "Two")
    let order = [casework.practitioner, casework.laptop]
    for device in deletionFirst ? order : order.reversed() { try casework.sync(device) }
    try casework.syncAll()
  }

  @Test("Everybody is shown both sides, whichever came first", arguments: [true, false])
  func shown(deletionFirst: Bool) throws {
    try cross(deletionFirst: deletionFirst)
    for device in casework.devices {
      let conflict = try #require(try device.conflicts().first)
      #expect(conflict.key == Conflict.recordKey)
      #expect(conflict.ruleName == "edit_wins")
      let sides = [false, true].map { shown in conflict.values.first { $0.isShown == shown } }
      let deleted = try #require(sides[0])
      #expect(deleted.value == .text("deleted"))
      #expect(deleted.author.account == casework.staff)
      let edit = try #require(sides[1])
      #expect(
        edit.value == .group([OpenedValue.Component(name: "title", value: .text("Two"))]))
      #expect(edit.author.account == casework.client)
      #expect(conflict.values.count == 2)
      #expect(try device.status().conflictCount == 1)
      #expect(try device.ticket(ticket).title == .text("Two"))
    }
  }

  private func letter(_ device: Replica, isShown: Bool) throws -> String {
    let conflict = try #require(try device.conflicts().first)
    let side = conflict.values.first { $0.isShown == isShown }
    return try #require(side).letter
  }

  @Test("Who takes the deletion deletes it", arguments: [true, false])
  func deleted(deletionFirst: Bool) throws {
    try cross(deletionFirst: deletionFirst)
    let device = casework.practitioner
    try device.noteShown(device.conflicts())
    try device.resolve(ticket, .take(letter(device, isShown: false)))
    try casework.syncAll()
    for device in casework.devices {
      #expect(try device.conflicts().isEmpty)
      #expect(throws: ReplicaError.self) { try device.ticket(ticket) }
    }
  }

  @Test("Who takes the edit keeps it", arguments: [true, false])
  func kept(deletionFirst: Bool) throws {
    try cross(deletionFirst: deletionFirst)
    let device = casework.phone
    try device.noteShown(device.conflicts())
    try device.resolve(ticket, .take(letter(device, isShown: true)))
    try casework.syncAll()
    for device in casework.devices {
      #expect(try device.conflicts().isEmpty)
      #expect(try device.ticket(ticket).title == .text("Two"))
    }
  }

  @Test("A deletion does not cover what came in after the look")
  func later() throws {
    try cross(deletionFirst: true)
    let device = casework.practitioner
    try device.noteShown(device.conflicts())
    var edit = TicketEdit()
    edit.severity = "critical"
    try casework.phone.editTicket(ticket, edit)
    try casework.sync(casework.phone)
    try casework.sync(device)
    // The phone knew of the deletion: that settles it, and the choice comes too late.
    #expect(try device.conflicts().isEmpty)
    #expect(throws: ReplicaError.self) { try device.resolve(ticket, key: "record", .take("A")) }
    #expect(try device.ticket(ticket).severity == "critical")
  }

  @Test("Deleted in full knowledge is no conflict")
  func plain() throws {
    try retitle(casework.laptop, "Two")
    try casework.syncAll()
    try delete()
    try casework.syncAll()
    for device in casework.devices { #expect(try device.conflicts().isEmpty) }
  }

  @Test("The author's own sequence is no conflict either")
  func own() throws {
    try retitle(casework.practitioner, "Two")
    try delete()
    try casework.syncAll()
    for device in casework.devices { #expect(try device.conflicts().isEmpty) }
  }
}

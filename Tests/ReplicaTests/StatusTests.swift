import Merge
import Simulation
import Testing

@testable import Replica

@Suite("Status")
struct StatusTests {
  @Test("Counts what waits, by the kind of space, and what is known of each journal")
  func pending() throws {
    let casework = try Casework()
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "T"), in: casework.space)
      .reference
    try casework.laptop.comment(on: ticket, "One")
    let before = try casework.laptop.status()
    #expect(before.pendingCounts == [.casework: 2])
    #expect(before.pendingCount == 2)
    let laptop = casework.laptop.identity.replica
    #expect(before.spaces.first?.clock[laptop] == 2)
    try casework.syncAll()
    let after = try casework.laptop.status()
    #expect(after.pendingCount == 0)
    #expect(after.pendingCounts.isEmpty)
    let space = try #require(after.spaces.first { $0.id == casework.space })
    #expect(space.kind == .casework)
    #expect(space.role == .contact)
    #expect(space.holdsEpoch == true)
    #expect(space.clock[laptop] == 2)
    #expect(space.position == (try casework.practitioner.status().spaces.first?.position))
    #expect(space.leftReason == nil)
    #expect(!space.isEnded)
  }

  @Test("Says who and where, locked or not")
  func identity() throws {
    let casework = try Casework()
    let status = try casework.laptop.status()
    #expect(status.account == casework.client)
    #expect(status.role == .client)
    #expect(status.serverURL == "http://127.0.0.1:1")
    #expect(status.lastSyncMilliseconds == nil)
    #expect(!status.isLocked)
    try casework.laptop.settings.set(.lastSync, number: casework.clock.milliseconds)
    try casework.laptop.settings.set(.clockAhead, number: 7_200_000)
    casework.laptop.lock()
    let locked = try casework.laptop.status()
    #expect(locked.isLocked)
    #expect(locked.lastSyncMilliseconds == casework.clock.milliseconds)
    #expect(locked.clockAheadMilliseconds == 7_200_000)
    #expect(locked.spaces.first?.holdsEpoch == true)
  }

  @Test("Counts conflicts, uploads and evidence; a space that was left says why")
  func counts() throws {
    let casework = try Casework()
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "T"), in: casework.space)
      .reference
    try casework.syncAll()
    for (device, title) in [(casework.laptop, "A"), (casework.phone, "B")] {
      var edit = TicketEdit()
      edit.title = title
      try device.editTicket(ticket, edit)
    }
    try casework.syncAll()
    let phone = casework.phone
    #expect(try phone.status().conflictCount == 1)
    let number = try phone.store.number(of: casework.space)
    try phone.database.run("INSERT INTO blob_outbox VALUES (\(number), x'01'), (\(number), x'02')")
    try phone.keepEvidence(.other([1]), kind: "test", space: nil)
    try phone.transaction {
      try phone.store.purge(casework.space)
      try KeyRing.dropEpochs(of: casework.space, in: phone.database)
      try phone.database.run("INSERT INTO left_space VALUES (\(number), 'consent ended', 1, 0)")
    }
    let status = try phone.status()
    #expect(status.blobsToUpload == 2)
    #expect(status.evidenceCount == 1)
    #expect(status.conflictCount == 0)
    #expect(status.spaces.first?.leftReason == "consent ended")
    #expect(status.spaces.first?.holdsEpoch == false)
    #expect(try phone.caseworkSpaces().isEmpty)
    #expect(throws: ReplicaError.notReady("there is no casework with a team yet")) {
      try phone.caseworkSpace(with: nil)
    }
  }
}

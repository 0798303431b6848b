import Merge
import Simulation
import Testing

@testable import Replica

@Suite("Conflicts")
struct ConflictTests {
  /// Two devices of the client and the practitioner give one ticket three titles, none having seen
  /// another's.
  private func conflicting(
    _ casework: Casework,
    order: [KeyPath<Casework, Replica>] = [
      \.laptop, \.phone, \.practitioner,
    ]
  ) throws -> RecordReference {
    let ticket = try casework.laptop.newTicket(
      TicketDraft(title: "First", severity: "minor"), in: casework.space
    ).reference
    try casework.syncAll()
    for (device, title) in [
      (casework.laptop, "From the laptop"), (casework.phone, "From the phone"),
      (casework.practitioner, "From the practice"),
    ] {
      casework.clock.advance(minutes: 1)
      var edit = TicketEdit()
      edit.title = title
      try device.editTicket(ticket, edit)
    }
    for path in order { try casework.sync(casework[keyPath: path]) }
    try casework.syncAll()
    return ticket
  }

  @Test("Every device shows the same value, and all of them with author, rule and reason")
  func listing() throws {
    let casework = try Casework()
    let ticket = try conflicting(casework, order: [\.practitioner, \.phone, \.laptop])
    for device in casework.devices {
      let all = try device.conflicts()
      let conflict = try #require(all.first)
      #expect(all.count == 1)
      #expect(conflict.reference == ticket)
      #expect(conflict.key == "title")
      #expect(conflict.rule == .latest)
      #expect(conflict.reason == "the latest is shown")
      #expect(conflict.values.map(\.letter) == ["A", "B", "C"])
      let values = conflict.values.compactMap(\.value.text)
      #expect(values == ["From the practice", "From the phone", "From the laptop"])
      let accounts = conflict.values.map(\.author.account)
      #expect(accounts == [casework.staff, casework.client, casework.client])
      #expect(conflict.values.map(\.isShown) == [true, false, false])
      #expect(try device.ticket(ticket).title == .text("From the practice"))
      #expect(try device.ticket(ticket).conflicts == ["title"])
      #expect(conflict.values.allSatisfy { $0.position != nil })
    }
    let own = try casework.laptop.conflicts()[0].values.map(\.author.isThisDevice)
    #expect(own == [false, false, true])
  }

  @Test("All devices have the same rows whatever the order", arguments: [0, 1, 2, 3, 4, 5])
  func order(_ permutation: Int) throws {
    let orders: [[KeyPath<Casework, Replica>]] = [
      [\.laptop, \.phone, \.practitioner], [\.laptop, \.practitioner, \.phone],
      [\.phone, \.laptop, \.practitioner], [\.phone, \.practitioner, \.laptop],
      [\.practitioner, \.laptop, \.phone], [\.practitioner, \.phone, \.laptop],
    ]
    let casework = try Casework()
    let ticket = try conflicting(casework, order: orders[permutation])
    #expect(try casework.phone.ticket(ticket).title == .text("From the practice"))
    let rows = try Casework.rows(casework.laptop)
    #expect(try rows == Casework.rows(casework.phone))
    #expect(try rows == Casework.rows(casework.practitioner))
    #expect(!rows.isEmpty)
  }

  @Test("One value settles it for everybody")
  func resolve() throws {
    let casework = try Casework()
    let ticket = try conflicting(casework)
    let settled = try casework.phone.resolve(ticket, .take("b"))
    #expect(settled.key == "title")
    #expect(settled.value == .text("From the phone"))
    #expect(try casework.phone.conflicts().isEmpty)
    try casework.syncAll()
    for device in casework.devices {
      #expect(try device.conflicts().isEmpty)
      #expect(try device.ticket(ticket).title == .text("From the phone"))
    }
  }

  @Test("It can be settled with a new value, and not with one that does not fit")
  func resolveByValue() throws {
    let casework = try Casework()
    let ticket = try conflicting(casework)
    let long = Resolution.value(String(repeating: "x", count: 401))
    #expect(throws: ReplicaError.badInput("title: the size has to be from 0 to 400")) {
      try casework.practitioner.resolve(ticket, long)
    }
    #expect(throws: ReplicaError.notFound("value D")) {
      try casework.practitioner.resolve(ticket, .take("D"))
    }
    try casework.practitioner.resolve(ticket, .value("Agreed"))
    try casework.syncAll()
    #expect(try casework.laptop.ticket(ticket).title == .text("Agreed"))
    #expect(throws: ReplicaError.notFound("conflict of this record")) {
      try casework.laptop.resolve(ticket, .take("A"))
    }
  }

  @Test("With several conflicts the field has to be named")
  func severalFields() throws {
    let casework = try Casework()
    let ticket = try conflicting(casework)
    for (device, severity) in [(casework.laptop, "critical"), (casework.phone, "major")] {
      var edit = TicketEdit()
      edit.severity = severity
      try device.editTicket(ticket, edit)
    }
    try casework.syncAll()
    #expect(throws: ReplicaError.ambiguous("conflict", ["severity", "title"])) {
      try casework.laptop.resolve(ticket, .take("A"))
    }
    #expect(try casework.laptop.status().conflictCount == 2)
    try casework.laptop.resolve(ticket, key: "severity", .value("minor"))
    try casework.syncAll()
    #expect(try casework.phone.ticket(ticket).severity == "minor")
    #expect(try casework.phone.conflicts().map(\.key) == ["title"])
    #expect(try casework.phone.conflicts(of: ticket).count == 1)
  }

  @Test("A write that has not seen the settling one stands beside it")
  func resolveConcurrently() throws {
    let casework = try Casework()
    let ticket = try conflicting(casework)
    var edit = TicketEdit()
    edit.title = "Yet another"
    try casework.practitioner.editTicket(ticket, edit)
    try casework.laptop.resolve(ticket, .take("A"))
    try casework.syncAll()
    let values = try casework.phone.conflicts().first?.values.compactMap(\.value.text)
    #expect(values?.sorted() == ["From the laptop", "Yet another"])
  }

  @Test("A label that is both added and taken away stays, and is a conflict; two adds are none")
  func labels() throws {
    let casework = try Casework()
    let ticket = try casework.laptop.newTicket(
      TicketDraft(title: "T", labels: ["old"]), in: casework.space
    ).reference
    try casework.syncAll()
    var remove = TicketEdit()
    remove.removedLabels = ["old"]
    remove.addedLabels = ["new"]
    try casework.laptop.editTicket(ticket, remove)
    // Taken away and added again: a write of its own that the removal has not seen.
    var away = TicketEdit()
    away.removedLabels = ["old"]
    var back = TicketEdit()
    back.addedLabels = ["old", "new"]
    try casework.phone.editTicket(ticket, away)
    try casework.phone.editTicket(ticket, back)
    try casework.syncAll()
    for device in casework.devices {
      #expect(try device.ticket(ticket).labels == ["new", "old"])
      let conflicts = try device.conflicts()
      #expect(conflicts.map(\.key) == ["labels/old"])
      #expect(conflicts.first?.reason == "added goes before taken away")
    }
    try casework.practitioner.resolve(ticket, .value("no"))
    try casework.syncAll()
    #expect(try casework.laptop.ticket(ticket).labels == ["new"])
    #expect(try casework.laptop.conflicts().isEmpty)
  }

  @Test("A conflict of states is settled by a step, and says which")
  func states() throws {
    let casework = try Casework()
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "T"), in: casework.space)
      .reference
    try casework.syncAll()
    #expect(try casework.laptop.take(.close, on: ticket))
    #expect(try casework.practitioner.take(.start, on: ticket))
    try casework.syncAll()
    #expect(try casework.phone.ticket(ticket).stateName == "closed")
    let error = #expect(throws: ReplicaError.self) {
      try casework.practitioner.resolve(ticket, .take("B"))
    }
    #expect(error == .refused(Refusal(.transitionNotAllowed, [])))
    #expect(try casework.laptop.take(.reopen, on: ticket))
    try casework.syncAll()
    #expect(try casework.practitioner.conflicts().isEmpty)
  }

  @Test("A locked device lists conflicts without their values")
  func locked() throws {
    let casework = try Casework()
    let ticket = try conflicting(casework)
    casework.phone.lock()
    let values = try casework.phone.conflicts().first?.values.map(\.value)
    #expect(values == [.sealed, .sealed, .sealed])
    #expect(throws: ReplicaError.locked) { try casework.phone.resolve(ticket, .take("A")) }
  }
}

import CommandSupport
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// Ciphertext that was moved to where it was not written, by a member whose software signs anything.
@Suite struct SealedFieldTests {
  private let practice: Practice
  private var client: Party { practice.world.client }
  private var reader: Party { practice.world.practitioner }

  init() throws { practice = try Practice() }

  /// The bytes of a ticket's sealed field, as they stand in the log.
  private func sealed(_ key: String, of ticket: RecordID) throws -> [UInt8] {
    let store = client.replica.store
    let row = RowKey(
      space: try store.number(of: practice.casework), type: "ticket", record: ticket)
    let register = try #require(try store.tables.shownState(row).registers[key])
    return try #require(register.siblings.first?.value.bytes)
  }

  enum Move: String, CaseIterable {
    case record, field, author, epoch, suite
  }

  @Test(arguments: Move.allCases)
  func ciphertextIsMoved(to place: Move) throws {
    let first = try client.makeTicket(in: practice.casework, title: "the first")
    let second = try client.makeTicket(in: practice.casework, title: "the second")
    try practice.world.settle()
    var bytes = try sealed("title", of: first)
    var (author, key, record) = (client, "title", second)
    switch place {
    case .record: break
    case .field: (key, record) = ("description", first)
    case .author: (author, record) = (reader, first)
    case .epoch:
      // The same bytes under the name of the next key.
      try client.replica.revokeDevice(
        practice.world.tablet.replica.identity.device, client.network)
      try practice.world.settle(["admin", "client", "practitioner"])
      let next = try #require(try client.replica.store.state(practice.casework).epochs.last)
      bytes.replaceSubrange(1...8, with: next.id.bytes.prefix(8))
    case .suite: bytes[0] = 2
    }
    try author.forge(
      RecordChange(
        type: "ticket", record: record, operation: .update,
        writes: [FieldWrite(key: key, value: .bytes(bytes), sealed: true)]),
      in: practice.casework)
    let report = try author.replica.sync(practice.transport(author))
    let practitioner = try practice.atTheProgram(reader)
    #expect(report.refused.isEmpty, "\(report)")
    try practitioner.does("sync")
    let shown = try practitioner.does("ticket", "show", record.hex)
    #expect(shown.contains("(sealed)"), "\(shown)")
    if place != .field { #expect(!shown.contains("the first") && !shown.contains("the second")) }
    // The other ticket is what it was.
    let other = try practitioner.does("ticket", "show", (record == first ? second : first).hex)
    #expect(other.contains(record == first ? "the second" : "the first"))
  }

  /// A value of the vault in a ticket: the key is not one of this space.
  @Test func ciphertextIsMovedToAnotherSpace() throws {
    let folder = client.newRecordID()
    let vault = client.replica.vault
    let ticket = try client.makeTicket(in: practice.casework, title: "the ticket")
    let name = try client.replica.sealer(for: vault).seal(
      .text("diary"), type: "folder", record: folder, key: "name")
    try practice.world.settle()
    let change = RecordChange(
      type: "ticket", record: ticket, operation: .update,
      writes: [FieldWrite(key: "title", value: name, sealed: true)])
    // An honest server does not know the key, and refuses.
    let forged = try practice.liar.commit(change, by: client, in: practice.casework)
    let replica = client.replica.identity.replica
    let segment = JournalSegment(
      replica: replica,
      after: try client.replica.store.journalPoint(practice.casework, replica),
      commits: [try #require(forged.entry.commit)], signature: forged.tail.signature)
    let answer = try client.session(practice).call(
      Path.push, PushRequest(space: practice.casework, items: [.segment(segment)]),
      PushResponse.self)
    let codes = answer.verdicts.map { verdict -> Refusal.Code? in
      guard case .refused(_, let refusal) = verdict else { return nil }
      return refusal.code
    }
    #expect(codes == [.epochStale])
    let practitioner = try practice.atTheProgram(reader)
    try practitioner.does("sync")
    #expect(try practitioner.does("ticket", "show", ticket.hex).contains("the ticket"))
  }
}

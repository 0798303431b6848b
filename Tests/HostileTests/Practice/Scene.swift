import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// The client has written in casework and vault, and the client's tablet has not seen it and has a
/// change of its own to send.
struct Scene {
  let practice: Practice
  let ticket: RecordID
  let folder: RecordID
  let unsent: RecordID

  var tablet: Party { practice.world.tablet }
  var client: Party { practice.world.client }

  init(_ practice: Practice) throws {
    self.practice = practice
    let client = practice.world.client
    ticket = try client.makeTicket(in: practice.casework)
    // Lies about one entry find another one beside it.
    try client.makeTicket(in: practice.casework)
    folder = client.newRecordID()
    try client.write(
      .create, "folder", folder, [.init("name", .text("folder"))], in: client.replica.vault)
    try client.sync()
    unsent = try practice.world.tablet.makeTicket(in: practice.casework)
  }

  /// Nothing of the casework came in, and the vault did.
  func expectUntouched(_ location: SourceLocation = #_sourceLocation) throws {
    let isBelieved = try tablet.holds("ticket", ticket, in: practice.casework)
    #expect(!isBelieved, sourceLocation: location)
    let hasFolder = try tablet.holds("folder", folder, in: .vault(of: tablet.account))
    #expect(hasFolder, sourceLocation: location)
  }

  /// Told the truth again, everything comes in and everything goes out.
  func expectHealed(_ location: SourceLocation = #_sourceLocation) throws {
    try practice.back(tablet)
    try practice.world.settle(["client", "tablet"])
    let isHere = try tablet.holds("ticket", ticket, in: practice.casework)
    let isSent = try client.holds("ticket", unsent, in: practice.casework)
    #expect(isHere && isSent, sourceLocation: location)
  }
}

extension Party {
  @discardableResult
  func write(
    _ operation: RecordChange.Operation, _ type: String, _ record: RecordID,
    _ writes: [Draft.Write], in space: SpaceID
  ) throws -> Origin {
    try replica.write(Draft([Draft.Change(operation, type, record, writes)]), in: space)
  }

  @discardableResult
  func makeTicket(in space: SpaceID, title: String = "title") throws -> RecordID {
    let record = newRecordID()
    try write(
      .create, "ticket", record, [.init("kind", .text("bug")), .init("title", .text(title))],
      in: space)
    return record
  }

  /// Whether a home shows a record, this process or another one using it.
  func holds(_ type: String, _ record: RecordID, in space: SpaceID) throws -> Bool {
    let store = held.store
    let number = try store.number(of: space)
    return try store.database.first(
      "SELECT 1 FROM \"\(type)\" WHERE space = ? AND record = ?", .integer(number),
      .blob(record.bytes)
    ) { _ in true } ?? false
  }
}

import CBOR
import Database
import Merge
import Simulation
import SyncProtocol

@testable import Replica

/// Does what people do in casework and vault, at random, on the records that are there.
struct Editor {
  var generator: SplitMix64
  private(set) var written: [Written] = []

  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  /// One commit of the party's; nothing where chance finds nothing to edit.
  mutating func edit(_ party: Party, in world: World) throws {
    guard let (change, space) = try change(of: party, in: world) else { return }
    let origin = try party.replica.write(Draft([change]), in: space)
    written.append(Written(party: party.name, space: space, origin: origin))
  }

  /// What the party might write on what it sees now, and where.
  mutating func change(
    of party: Party, in world: World
  ) throws -> (change: Draft.Change, space: SpaceID)? {
    let isClient = party.name != "practitioner"
    if isClient && generator.oneIn(4) {
      return try folderChange(party).map { ($0, party.replica.vault) }
    }
    let casework = world.facts.casework
    return try caseworkChange(party, casework).map { ($0, casework) }
  }

  mutating func edit(_ party: Party, in world: World, times: Int) throws {
    for _ in 0..<times { try edit(party, in: world) }
  }

  // MARK: Vault

  private mutating func folderChange(_ party: Party) throws -> Draft.Change? {
    let folders = try records("folder", party, party.replica.vault)
    if folders.isEmpty || generator.oneIn(3) {
      return Draft.Change(.create, "folder", recordID(party), [.init("name", text())])
    }
    let record = generator.pick(folders)
    if generator.oneIn(6) { return Draft.Change(.delete, "folder", record) }
    return Draft.Change(.update, "folder", record, [.init("name", text())])
  }

  // MARK: Casework

  private mutating func caseworkChange(
    _ party: Party, _ space: SpaceID
  ) throws -> Draft.Change? {
    let tickets = try records("ticket", party, space)
    if tickets.isEmpty || generator.oneIn(6) { return makeTicket(party) }
    let ticket = generator.pick(tickets)
    switch generator.next() % 8 {
    case 0:
      return Draft.Change(
        .create, "comment", recordID(party),
        [.init("ticket", .bytes(ticket.bytes)), .init("text", text())])
    case 1: return try commentChange(party, space)
    case 2 where party.name == "practitioner": return Draft.Change(.delete, "ticket", ticket)
    default: return Draft.Change(.update, "ticket", ticket, ticketWrites())
    }
  }

  private mutating func makeTicket(_ party: Party) -> Draft.Change {
    Draft.Change(
      .create, "ticket", recordID(party),
      [.init("kind", .text("bug")), .init("title", text())])
  }

  private mutating func ticketWrites() -> [Draft.Write] {
    var writes = [Draft.Write("title", text())]
    if generator.oneIn(2) {
      writes.append(.init("severity", .text(generator.pick(["minor", "major", "critical"]))))
    }
    if generator.oneIn(2) {
      let label = generator.pick(["a", "b"])
      writes.append(.init("labels/\(label)", .bool(generator.oneIn(2))))
    }
    return writes
  }

  private mutating func commentChange(
    _ party: Party, _ space: SpaceID
  ) throws -> Draft.Change? {
    let own = try records("comment", party, space).filter { record in
      try author(of: record, party, space) == party.account
    }
    guard !own.isEmpty else { return nil }
    let record = generator.pick(own)
    if generator.oneIn(3) { return Draft.Change(.delete, "comment", record) }
    return Draft.Change(.update, "comment", record, [.init("text", text())])
  }

  private func author(
    of record: RecordID, _ party: Party, _ space: SpaceID
  ) throws -> AccountID? {
    let number = try party.replica.store.number(of: space)
    let created = try party.replica.database.first(
      "SELECT _created FROM comment WHERE space = ? AND record = ?", .integer(number),
      .blob(record.bytes)
    ) { Position(stored: UInt64(bitPattern: $0.integer(0))) }
    guard case .some(.some(let position)) = created else { return nil }
    let device = try party.replica.store.log.authorship(space: number, at: position).origin
      .replica.device
    return try party.replica.chains.device(device)?.account
  }

  // MARK: Parts

  private func records(
    _ type: String, _ party: Party, _ space: SpaceID
  ) throws -> [RecordID] {
    let number = try party.replica.store.number(of: space)
    let found = try party.replica.database.rows(
      "SELECT record FROM \"\(type)\" WHERE space = ? ORDER BY record", .integer(number)
    ) { RecordID($0.blob(0)) }
    return found.compactMap(\.self)
  }

  private func recordID(_ party: Party) -> RecordID {
    TimeOrderedID.make(RecordID.self, party.environment)
  }

  private mutating func text() -> CBORValue { .text("text \(generator.next() % 1000)") }
}

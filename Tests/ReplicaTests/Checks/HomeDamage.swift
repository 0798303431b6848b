import Database
import Foundation
import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// One thing that can go wrong in a home, and where a check has to find it.
struct HomeDamage: Sendable, CustomTestStringConvertible {
  let name: String
  let part: CheckReport.Part
  let doIt: @Sendable (Party, World) throws -> Void

  var testDescription: String { name }

  init(
    _ name: String, _ part: CheckReport.Part,
    _ doIt: @escaping @Sendable (Party, World) throws -> Void
  ) {
    self.name = name
    self.part = part
    self.doIt = doIt
  }

  /// SQL with `:casework` and `:vault` for the numbers of the spaces.
  init(_ name: String, _ part: CheckReport.Part, sql: String) {
    self.init(name, part) { party, world in
      let store = party.replica.store
      let casework = try store.number(of: world.facts.casework)
      let vault = try store.number(of: party.replica.vault)
      try party.replica.database.execute(
        sql.replacing(":casework", with: "\(casework)").replacing(":vault", with: "\(vault)"))
      guard party.replica.database.changeCount > 0 else { throw NothingDamaged() }
    }
  }

  struct NothingDamaged: Error {}

  static let all = log + rows + unsent + objects

  private static let log = [
    HomeDamage("a byte of a commit in the log", .logEntries) { party, world in
      try alterEntry(party, world.facts.casework, kind: "replica IS NOT NULL")
    },
    HomeDamage("the last byte of a statement in the log", .logEntries) { party, world in
      try alterEntry(party, world.facts.casework, kind: "replica IS NULL")
    },
    HomeDamage(
      "an entry is gone", .logEntries,
      sql: "DELETE FROM log WHERE space = :casework AND position = 3"),
    HomeDamage(
      "the last entry is gone", .states,
      sql: "DELETE FROM log WHERE space = :casework AND position = "
        + "(SELECT MAX(position) FROM log WHERE space = :casework)"),
    HomeDamage(
      "the head", .logEntries, sql: "UPDATE space SET head = zeroblob(32) WHERE number = :casework"),
    HomeDamage(
      "a journal's hash", .index,
      sql: "UPDATE log SET hash = zeroblob(32) WHERE space = :casework AND sequence = 1"),
    HomeDamage(
      "a journal's number is not one", .index,
      sql: "UPDATE log SET sequence = -5 WHERE space = :casework AND sequence = 1"),
    HomeDamage("a journal's signature", .signatures) { party, world in
      try alter(
        party, "journal_signature", "signature",
        "space = \(try party.replica.store.number(of: world.facts.casework))")
    },
    HomeDamage("a statement of a chain", .chains) { party, _ in
      try alter(party, "chain_statement", "statement", "number = 1")
    },
    HomeDamage(
      "a chain has a gap", .chains, sql: "UPDATE chain_statement SET number = 9 WHERE number = 1"),
  ]

  private static let rows = [
    HomeDamage(
      "a row's column", .records, sql: "UPDATE ticket SET kind = 'other' WHERE space = :casework"),
    HomeDamage(
      "a row's clock", .records, sql: "UPDATE ticket SET _created = 1 WHERE space = :casework"),
    HomeDamage("a row is gone", .records, sql: "DELETE FROM ticket WHERE space = :casework"),
    HomeDamage(
      "a sibling is gone", .records,
      sql: "DELETE FROM _sibling WHERE space = :casework AND position = "
        + "(SELECT MIN(position) FROM _sibling WHERE space = :casework)"),
    HomeDamage(
      "what is hidden is gone", .records, sql: "DELETE FROM _hidden WHERE space = :casework"),
    HomeDamage("what is under the unsent is gone", .records, sql: "DELETE FROM _accepted"),
    HomeDamage("a decision is gone", .records, sql: "DELETE FROM _decision"),
    HomeDamage(
      "the state cannot be read", .states,
      sql: "UPDATE space SET state = zeroblob(9) WHERE number = :casework"),
    HomeDamage("the cursor is moved", .states) { party, world in
      try moveCursor(party, world.facts.casework)
    },
  ]

  private static let unsent = [
    HomeDamage(
      "the own journal's number", .ownJournals,
      sql: "UPDATE own_journal SET sequence = sequence - 1 WHERE space = :casework"),
    HomeDamage(
      "the own journal's hash", .ownJournals,
      sql: "UPDATE own_journal SET hash = zeroblob(32) WHERE space = :casework"),
    HomeDamage(
      "the own journal's number is not one", .ownJournals,
      sql: "UPDATE own_journal SET sequence = -1 WHERE space = :casework"),
    HomeDamage("an unsent commit is filed nowhere", .index, sql: "DELETE FROM outbox_row"),
    HomeDamage("an unsent commit's time", .index, sql: "UPDATE outbox SET time = 5"),
  ]

  private static let objects = [
    HomeDamage("a wrap", .wraps) { party, _ in try alter(party, "wrap", "bytes", "sent = 1") },
    HomeDamage("a blob", .blobs) { party, _ in try alterBlob(party) },
  ]

  // MARK: Doing it

  /// Turns a bit in the last byte of a value.
  static func alter(_ party: Party, _ table: String, _ column: String, _ condition: String) throws {
    let database = party.replica.database
    let key = "(SELECT MIN(hex(\(column))) FROM \(table) WHERE \(condition))"
    let bytes = try database.first(
      "SELECT \(column) FROM \(table) WHERE hex(\(column)) = \(key)"
    ) { $0.blob(0) }
    guard var bytes, !bytes.isEmpty else { throw NothingDamaged() }
    let before = bytes
    bytes[bytes.count - 1] ^= 1
    try database.run(
      "UPDATE \(table) SET \(column) = ? WHERE \(column) = ?", .blob(bytes), .blob(before))
  }

  private static func alterEntry(_ party: Party, _ space: SpaceID, kind: String) throws {
    try alter(
      party, "log", "entry",
      "space = \(try party.replica.store.number(of: space)) AND \(kind)")
  }

  private static func moveCursor(_ party: Party, _ space: SpaceID) throws {
    let store = party.replica.store
    var state = try store.state(space)
    state.apply(.time(milliseconds: state.timeMilliseconds))
    try party.replica.database.run(
      "UPDATE space SET state = ? WHERE number = ?", .blob(state.stored),
      .integer(store.number(of: space)))
  }

  private static func alterBlob(_ party: Party) throws {
    guard let hash = try party.replica.blobs.names().first else { throw NothingDamaged() }
    let path = party.replica.blobs.path(hash)
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(filePath: path))
  }
}

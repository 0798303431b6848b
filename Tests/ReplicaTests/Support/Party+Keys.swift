import Merge
import Sealing
import Simulation
import SyncProtocol

@testable import Replica
@testable import SpaceStore

extension Party {
  func epochs(_ space: SpaceID) throws -> [EpochID] {
    try replica.store.state(space).epochs.map(\.id)
  }

  /// The epochs of a space whose keys this device holds now.
  func keptKeys(of space: SpaceID) throws -> Set<EpochID> {
    Set(
      try epochs(space).filter { try replica.keys?.holds(.epoch(space, $0)) == true })
  }

  /// The hints of the epochs under which a space's wraps are sealed.
  func wrapHints(_ space: SpaceID) throws -> Set<[UInt8]> {
    let wraps = try replica.database.rows(
      "SELECT bytes FROM wrap WHERE space = ?", .integer(replica.store.number(of: space))
    ) { $0.blob(0) }
    return Set(wraps.compactMap { KeyWrap.epochHint(of: $0) })
  }

  /// The names of the keys in the ring that begin so.
  func heldKeys(_ prefix: String) throws -> [String] {
    try replica.database.rows(
      "SELECT name FROM key_ring WHERE substr(name, 1, ?) = ? ORDER BY name",
      .integer(Int64(prefix.utf8.count)), .text(prefix)
    ) { $0.text(0) }
  }

  /// The epoch under which the server's log has a field's newest value.
  func sealingEpoch(_ type: String, _ record: RecordID, _ field: String, in space: SpaceID) throws
    -> EpochID?
  {
    let key = RowKey(space: try replica.store.number(of: space), type: type, record: record)
    guard let register = try replica.store.tables.shownState(key).registers[field],
      let sealed = register.siblings.max(by: { $0.position < $1.position })?.value.bytes,
      let hint = SealedLayout.epochHint(of: sealed)
    else { return nil }
    return try replica.store.state(space).epoch(hint: hint)?.id
  }
}

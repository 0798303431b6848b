import CBOR
import Database
import Merge

/// The answers that ``Acceptance`` needs, from the tables.
struct RecordsView: AcceptedRecords {
  enum Ground {
    /// What the log says: for verdicts.
    case accepted
    /// What a person sees, own unsent commits included: for a clear error before writing.
    case shown
  }

  let tables: RecordTables
  let log: LogTable
  let state: SpaceState
  let space: Int64
  let ground: Ground

  private func key(_ type: RecordType, _ record: RecordID) -> RowKey {
    RowKey(space: space, type: type.name, record: record)
  }

  private func recordState(_ type: RecordType, _ record: RecordID) throws -> RecordState {
    switch ground {
    case .accepted: try tables.acceptedState(key(type, record))
    case .shown: try tables.shownState(key(type, record))
    }
  }

  func standing(type: RecordType, record: RecordID) throws -> RecordStanding? {
    let found = try tables.standing(key(type, record), isAccepted: ground == .accepted)
    guard let found else { return nil }
    let device = try log.authorship(space: space, at: found.created).origin.replica.device
    return RecordStanding(creator: state.devices[device]?.account, isGone: found.isGone)
  }

  func register(type: RecordType, record: RecordID, key: String) throws -> Register {
    try recordState(type, record).registers[key] ?? Register()
  }

  func guardedValue(
    type: RecordType, record: RecordID, key: String, origin: Origin
  ) throws -> CBORValue? {
    let kept = try tables.decision(self.key(type, record), field: key, origin: origin)
    if kept != nil || ground == .accepted { return kept }
    return try register(type: type, record: record, key: key).siblings
      .first { $0.authorship.origin == origin }?.value
  }

  func holdsAny(type: RecordType) throws -> Bool {
    try tables.holdsAny(space: space, type: type, acceptedOnly: ground == .accepted)
  }
}

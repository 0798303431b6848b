import CBOR
import Merge

/// The records of an accepted log in plain dictionaries.
struct MemoryRecords: AcceptedRecords, Hashable {
  private struct Key: Hashable {
    let type: String
    let record: RecordID
  }

  private struct Decision: Hashable {
    let record: Key
    let key: String
    let origin: Origin
  }

  private var states: [Key: RecordState] = [:]
  private var creators: [Key: AccountID] = [:]
  private var values: [Decision: CBORValue] = [:]

  /// - Parameter account: the author's; `nil` for the server.
  mutating func apply(_ commit: Commit, of stamp: CommitStamp, account: AccountID?) {
    for change in commit.changes {
      let key = Key(type: change.type, record: change.record)
      states[key, default: RecordState()].apply(change, of: stamp)
      if change.operation == .create { creators[key] = account }
      for write in change.writes {
        let decision = Decision(record: key, key: write.key, origin: stamp.authorship.origin)
        values[decision] = write.value
      }
    }
  }

  func standing(type: RecordType, record: RecordID) -> RecordStanding? {
    let key = Key(type: type.name, record: record)
    guard let state = states[key], state.created != nil else { return nil }
    return RecordStanding(creator: creators[key], isGone: state.isGone(type.concurrentDelete))
  }

  func register(type: RecordType, record: RecordID, key: String) -> Register {
    states[Key(type: type.name, record: record)]?.registers[key] ?? Register()
  }

  func guardedValue(
    type: RecordType, record: RecordID, key: String, origin: Origin
  ) -> CBORValue? {
    let record = Key(type: type.name, record: record)
    return values[Decision(record: record, key: key, origin: origin)]
  }

  func holdsAny(type: RecordType) -> Bool { states.keys.contains { $0.type == type.name } }
}

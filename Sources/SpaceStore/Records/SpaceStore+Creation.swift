import Merge
import SyncProtocol

extension SpaceStore {
  /// The change that made a record, also of one that was deleted since.
  ///
  /// - Returns: `nil` where the log does not have it yet, or its values any more.
  public func creation(
    of record: RecordID, type: String, in space: SpaceID
  ) throws -> RecordChange? {
    let number = try number(of: space)
    let key = RowKey(space: number, type: type, record: record)
    guard let created = try tables.acceptedState(key).created, created.pendingSequence == nil,
      case .commit(_, let encoded)? = try log.entry(space: number, at: created)?.content
    else { return nil }
    return try encoded.decoded().changes.first { $0.type == type && $0.record == record }
  }
}

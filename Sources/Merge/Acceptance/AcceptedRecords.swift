import CBOR

/// What acceptance may ask about the records of the log's prefix.
///
/// Answers must come from accepted state alone, never from a replica's own unsent commits.
public protocol AcceptedRecords {
  /// `nil` for a record that was never created.
  func standing(type: RecordType, record: RecordID) throws -> RecordStanding?

  /// The present siblings of one register.
  func register(type: RecordType, record: RecordID, key: String) throws -> Register

  /// A value of a guarded field, overwritten or not; `nil` where no accepted commit wrote it.
  func guardedValue(type: RecordType, record: RecordID, key: String, origin: Origin) throws
    -> CBORValue?

  /// Whether the space holds any record of the type.
  func holdsAny(type: RecordType) throws -> Bool
}

/// What acceptance needs to know of a record that exists.
public struct RecordStanding: Hashable, Sendable {
  /// `nil` when the server created it.
  public let creator: AccountID?
  public let isGone: Bool

  public init(creator: AccountID?, isGone: Bool) {
    self.creator = creator
    self.isGone = isGone
  }
}

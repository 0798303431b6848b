import CBOR
import Database
import Merge
import SyncProtocol

/// A commit of this replica's that was refused, kept whole for its author.
public struct RejectedWrite: Hashable, Sendable {
  public struct Change: Hashable, Sendable {
    public let type: String
    public let record: RecordID
    public let operation: RecordChange.Operation
    public let writes: [Write]
  }

  public struct Write: Hashable, Sendable {
    public let key: String
    /// As it was written, before it was sealed; ``OpenedValue/sealed`` while the home is locked.
    public let value: OpenedValue
    /// Whether it left this device as ciphertext only.
    public let isSealed: Bool
    /// The values that a guarded write was decided on.
    public let shown: [Origin]
  }

  /// What it goes by until it is dropped.
  public let number: Int64
  public let space: SpaceID
  public let spaceKind: SpaceKind?
  /// The place in this replica's journal.
  public let journal: Origin
  /// Where it was first written, if it was written anew.
  public let reissueOf: Origin?
  public let context: Context
  /// The clock's reading when it was written.
  public let time: HybridTime
  /// Milliseconds since 1970.
  public let refusedMilliseconds: UInt64
  public let refusal: Refusal
  /// Whether the log gives no reason for it: the server was wrong, or lied. Evidence is kept.
  public let isUnfounded: Bool
  public let changes: [Change]
}

extension Replica {
  private static let rejectedColumns =
    "SELECT number, space, sequence, body, private, refusal, refused, home, unfounded "
    + "FROM rejected"

  /// Refused commits, oldest first. Works while locked; sealed values then stay sealed.
  public func rejectedWrites() throws -> [RejectedWrite] {
    let spaces = try spacesByNumber()
    return try database.rows(Self.rejectedColumns + " ORDER BY number") { row in
      try rejected(row, spaces)
    }
  }

  /// - Throws: ``ReplicaError/notFound(_:)``.
  public func rejectedWrite(_ number: Int64) throws -> RejectedWrite {
    let spaces = try spacesByNumber()
    let found = try database.first(
      Self.rejectedColumns + " WHERE number = ?", .integer(number)
    ) { row in try rejected(row, spaces) }
    guard let found else { throw ReplicaError.notFound("refused write \(number)") }
    return found
  }

  /// Forgets a refused commit for good.
  ///
  /// - Throws: ``ReplicaError/notFound(_:)``.
  public func dropRejectedWrite(_ number: Int64) throws {
    try transaction {
      try database.run("DELETE FROM rejected WHERE number = ?", .integer(number))
      guard database.changeCount == 1 else {
        throw ReplicaError.notFound("refused write \(number)")
      }
    }
  }

  private func rejected(
    _ row: any SQLStatement, _ spaces: [Int64: SpaceID]
  ) throws -> RejectedWrite {
    guard let space = spaces[row.integer(1)] else { throw ReplicaError.homeDamaged("rejected") }
    let commit = try EncodedCommit(decoding: row.blob(3)).decoded()
    let draft = isLocked ? nil : try openPrivateCopy(row.blob(4))
    return RejectedWrite(
      number: row.integer(0), space: space, spaceKind: try store.state(space).kind,
      journal: Origin(
        replica: ReplicaID(device: identity.device, home: UInt64(bitPattern: row.integer(7))),
        sequence: UInt64(clamping: row.integer(2))),
      reissueOf: commit.header.origin, context: commit.header.context, time: commit.header.time,
      refusedMilliseconds: UInt64(clamping: row.integer(6)),
      refusal: try Refusal(decoding: row.blob(5)), isUnfounded: row.integer(8) != 0,
      changes: commit.changes.map { change(of: $0, draft) })
  }

  /// What the commit says, with the plaintext of its draft.
  private func change(of change: RecordChange, _ draft: Draft?) -> RejectedWrite.Change {
    // A re-issue leaves out what was overwritten since, so places in the two differ.
    let original = draft?.changes.first {
      $0.record == change.record && $0.type == change.type && $0.operation == change.operation
    }
    let type = store.schema.type(change.type)
    let writes = change.writes.map { write in
      let field = type?.field(write.field)
      let plain = original?.writes.first { $0.key == write.key }?.value
      let isOpen = !write.sealed || write.value == .null
      let value = isOpen ? write.value : plain
      let kind = field?.rule.isSet == true ? Field.Kind.boolean : field?.kind ?? .text
      return RejectedWrite.Write(
        key: write.key, value: value.map { OpenedValue($0, kind) } ?? .sealed,
        isSealed: write.sealed, shown: write.shown)
    }
    return RejectedWrite.Change(
      type: change.type, record: change.record, operation: change.operation, writes: writes)
  }
}

import CBOR

extension RecordType {
  /// Whether values of the type may leave the log once they are overwritten.
  ///
  /// Decisions never do, whatever the schema says: acceptance reads them, and later ones name them.
  public var isCompactable: Bool { history == .compact && !hasGuardedFields }
}

/// One write of a commit, by where it stands: all that has to be known of it to say whether another
/// one covers it.
///
/// A write is covered by a later accepted write of its key, or a later delete of its record, whose
/// context contains it (design §6, Compaction). What is covered will never be shown again; what is
/// not, must not be missing.
public struct WritePlace: Hashable, Sendable {
  public let type: String
  public let record: RecordID
  public let key: String
  public let position: Position
  /// Where its commit was first written.
  public let origin: Origin

  public init(type: String, record: RecordID, key: String, position: Position, origin: Origin) {
    self.type = type
    self.record = record
    self.key = key
    self.position = position
    self.origin = origin
  }

  /// The writes of a commit.
  public static func all(of commit: Commit, _ stamp: CommitStamp) -> [WritePlace] {
    commit.changes.flatMap { change in
      change.writes.map { write in
        WritePlace(
          type: change.type, record: change.record, key: write.key, position: stamp.position,
          origin: stamp.authorship.origin)
      }
    }
  }

  /// Whether a change of a later commit covers this write.
  ///
  /// - Parameter type: the type's rules; `nil` for one that this build does not know: then every
  ///   write of the key and every delete counts.
  public func isCovered(
    by change: RecordChange, _ stamp: CommitStamp, type: RecordType?
  ) -> Bool {
    guard change.type == self.type, change.record == record, stamp.position > position else {
      return false
    }
    let sibling = Sibling(
      position: position, authorship: Authorship(origin: origin, time: .zero), value: .null)
    guard Register.isOverwritten(sibling, by: stamp.authorship.origin, seen: stamp.seen) else {
      return false
    }
    // An edit may bring a record of the other kind back, with what the delete had seen.
    if change.operation == .delete { return type?.concurrentDelete != .editWins }
    return change.writes.contains { $0.key == key } && type.map(mayBeOverwritten) ?? true
  }

  /// What is written once is what acceptance goes by, also after somebody else's write.
  private func mayBeOverwritten(in type: RecordType) -> Bool {
    type.field(FieldWrite.field(of: key))?.rule != .once
  }
}

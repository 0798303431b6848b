import CBOR

/// All that is known of one record: its registers and its deletions.
///
/// Keys are field names; an element of a set has the key `field/element`.
public struct RecordState: Hashable, Sendable {
  /// Where the commit that created the record stands; `nil` for a record that does not exist.
  public var created: Position?
  public var registers: [String: Register]
  /// Deletions that no later deletion has seen.
  public var deletions: [Deletion]

  public init(
    created: Position? = nil, registers: [String: Register] = [:], deletions: [Deletion] = []
  ) {
    self.created = created
    self.registers = registers
    self.deletions = deletions
  }

  /// Whether the record is deleted, as its type decides between a delete and a concurrent edit.
  public func isGone(_ concurrentDelete: RecordType.ConcurrentDelete) -> Bool {
    guard !deletions.isEmpty else { return false }
    switch concurrentDelete {
    case .deleteWins: return true
    case .editWins: return registers.values.allSatisfy { isCovered($0) }
    }
  }

  private func isCovered(_ register: Register) -> Bool {
    register.siblings.allSatisfy { sibling in deletions.contains { $0.covers(sibling) } }
  }

  /// Applies one change of a commit. Changes of one record must come in log order.
  ///
  /// A change of a record that does not exist has no effect. Only a restored server can bring one
  /// back: an entry that came back is not judged again, and the commit that created the record may be
  /// lost, or refused by now.
  public mutating func apply(_ change: RecordChange, of commit: CommitStamp) {
    guard created != nil || change.operation == .create else { return }
    applyOperation(of: change, commit)
    for write in change.writes {
      let sibling = Sibling(
        position: commit.position, authorship: commit.authorship, value: write.value)
      registers[write.key, default: Register()].apply(sibling, seen: commit.seen)
    }
  }

  /// Applies one change of a stub: it creates, deletes and overwrites as the commit did, and adds none
  /// of the values that are gone.
  public mutating func applyStub(_ change: RecordChange, of commit: CommitStamp) {
    guard created != nil || change.operation == .create else { return }
    applyOperation(of: change, commit)
    for write in change.writes {
      guard var register = registers[write.key] else { continue }
      register.overwrite(by: commit.authorship.origin, seen: commit.seen)
      registers[write.key] = register.siblings.isEmpty ? nil : register
    }
  }

  private mutating func applyOperation(of change: RecordChange, _ commit: CommitStamp) {
    switch change.operation {
    case .create:
      if created == nil || commit.position < created! { created = commit.position }
    case .update: break
    case .delete: delete(commit)
    }
  }

  private mutating func delete(_ commit: CommitStamp) {
    deletions.removeAll { earlier in
      commit.seen.contains(earlier.position)
        || (earlier.authorship.origin.replica == commit.authorship.origin.replica
          && earlier.authorship.origin.sequence < commit.authorship.origin.sequence)
    }
    deletions.append(
      Deletion(position: commit.position, authorship: commit.authorship, seen: commit.seen))
    deletions.sort { $0.position < $1.position }
  }
}

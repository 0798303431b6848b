import Merge
import SyncProtocol

/// Lies that leave something out under hashes that are right, or out of a log that is made for one reader.
extension LyingServer {
  /// The last commit that compaction could ever take, as a stub: nothing later overwrites it.
  ///
  /// - Returns: `nil` where there is none.
  func uncoveredStub(_ entries: [LogEntry], _ victim: Party) throws -> [LogEntry]? {
    var entries = entries
    let last = try entries.lastIndex {
      guard let commit = try $0.writingCommit, !$0.isWritten(by: victim) else { return false }
      return commit.changes.allSatisfy {
        victim.held.store.schema.type($0.type)?.isCompactable == true && !$0.writes.isEmpty
      }
    }
    guard let last else { return nil }
    entries[last] = entries[last].asStub
    return entries
  }

  /// Where the log names what is new of a chain, it names a time instead: all places stay.
  func withoutNews(
    _ lie: Lie, _ entries: [LogEntry], _ victim: Party, _ space: SpaceID
  ) throws -> [LogEntry] {
    var time = try victim.held.store.state(space).timeMilliseconds
    return entries.map { entry -> LogEntry in
      switch entry {
      case .time(let milliseconds): time = milliseconds
      case .authority(.chain(let chain, _)) where chain.isTold(of: lie):
        return .time(time)
      default: break
      }
      return entry
    }
  }
}

extension ChainReference {
  /// Whether the lie hides what is new of it.
  func isTold(of lie: Lie) -> Bool {
    switch self {
    case .account: lie == .staleAccountChain || lie == .hiddenRevocation
    case .team: lie == .hiddenRemoval
    case .organisation: false
    }
  }
}

extension LogEntry {
  /// An accepted commit.
  fileprivate var writingCommit: Commit? {
    get throws {
      guard case .commit(_, let commit) = self else { return nil }
      return try commit.decoded()
    }
  }

  /// Whether it belongs to a record whose history no compaction touches.
  func isKept(_ reader: Party) throws -> Bool {
    guard let commit = try writingCommit else { return false }
    return commit.changes.contains {
      reader.held.store.schema.type($0.type)?.isCompactable == false
    }
  }

  var asStub: LogEntry {
    guard case .commit(let origin, let commit) = self else { return self }
    return .stub(origin, CommitStub(of: commit))
  }
}

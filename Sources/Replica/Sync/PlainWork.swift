import Merge
import SyncProtocol

/// Writing and reading plain records asks for nothing more than to be sent and taken in. Everything
/// else may: it opens spaces, changes who may read, names files.
extension Replica {
  /// Spaces whose records ask a device for nothing, but for the types below.
  private static func isPlain(_ kind: SpaceKind?) -> Bool { kind == .casework || kind == .team }

  func isPlain(_ changes: some Sequence<String>, in space: SpaceID) throws -> Bool {
    let isPlainSpace = try Self.isPlain(store.state(space).kind)
    return isPlainSpace && !changes.contains(EmergencyRules.deposit)
  }

  /// What comes in with a page.
  func noteRound(_ fact: LogFact, in space: SpaceID) throws {
    switch fact {
    case .time: return
    case .commit(let commit, _), .stub(let commit, _):
      if try isPlain(commit.changes.lazy.map(\.type), in: space) { return }
    default: break
    }
    roundIsOwed = true
  }

  /// Changes of the database so far, but for those of plain work.
  var unplainChangeCount: Int64 { database.totalChangeCount - plainChangeCount }

  /// Changes of the database in here ask for no whole sync.
  func countingAsPlain<Result>(_ body: () throws -> Result) rethrows -> Result {
    let before = (total: database.totalChangeCount, plain: plainChangeCount)
    defer { plainChangeCount = before.plain + database.totalChangeCount - before.total }
    return try body()
  }
}

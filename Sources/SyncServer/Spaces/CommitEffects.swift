import Merge
import SpaceStore
import SyncProtocol

/// What the server does after it has accepted a commit, in the same transaction.
struct CommitEffects {
  let writer: LogWriter
  let space: SpaceID

  private var core: ServerCore { writer.core }

  /// - Parameter isNew: `false` for what came back to a restored server.
  /// - Returns: whether wraps were destroyed.
  func follow(_ commit: Commit, _ origin: Origin, isNew: Bool) throws -> Bool {
    try NamedObjects(core: core, space: space).keep(commit)
    var destroys = false
    for record in Self.shares(in: commit) {
      if try ShareTable(core: core, space: space).destroyStaleWraps(of: record) { destroys = true }
    }
    if commit.changes.contains(where: { $0.type == Consent.type }) {
      // An ended engagement never comes back; what is decided later does not concern it.
      for engagement in try SpaceLinkTable(database: core.database).engagements(on: space)
      where try core.store.state(engagement).ended == nil {
        try writer.bring(engagement)
      }
    }
    if isNew, origin.replica.device != core.keys.certificate.device {
      try ServerJournal(writer: writer, space: space).number(commit)
    }
    return destroys
  }

  private static func shares(in commit: Commit) -> [RecordID] {
    commit.changes.filter { $0.type == ShareTable.type }.map(\.record)
  }
}

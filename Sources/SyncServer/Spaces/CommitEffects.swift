import Merge
import SpaceStore
import SyncProtocol

/// What the server does after it has accepted a commit, in the same transaction.
struct CommitEffects {
  let writer: LogWriter
  let space: SpaceID

  private var core: ServerCore { writer.core }

  struct Outcome {
    /// Whether wraps were destroyed.
    var destroysWraps = false
    /// Blobs whose files are to be removed.
    var erased: [BlobName] = []
  }

  /// - Parameter isNew: `false` for what came back to a restored server.
  func follow(_ commit: Commit, _ origin: Origin, isNew: Bool) throws -> Outcome {
    let author = try core.store.state(space).devices[origin.replica.device]?.account
    try NamedObjects(core: core, space: space).keep(commit, by: author)
    var outcome = Outcome()
    for record in Self.shares(in: commit) {
      if try ShareTable(core: core, space: space).destroyStaleWraps(of: record) {
        outcome.destroysWraps = true
      }
    }
    for change in commit.changes where change.type == EmergencyRules.deposit {
      let table = EmergencyTable(core: core)
      guard let deposit = try table.deposit(change.record, in: space) else { continue }
      if try table.destroyIfOver(deposit) {
        outcome.destroysWraps = true
      }
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
    for change in commit.changes where change.type == "version" && change.operation == .delete {
      outcome.erased += try ErasedObjects(core: core).erase(change.record, in: space)
      outcome.destroysWraps = true
    }
    return outcome
  }

  private static func shares(in commit: Commit) -> [RecordID] {
    commit.changes.filter { $0.type == ShareTable.type }.map(\.record)
  }
}

import CBOR
import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// What the server keeps beside a log, made again from entries that came back.
struct RecoveredEffects {
  let writer: LogWriter
  let space: SpaceID

  private var core: ServerCore { writer.core }

  /// Before the entry is appended, whose effects ask for it.
  func precede(_ entry: LogEntry) throws {
    guard case .statement(let signed) = entry.content,
      case .spaceOpening(let opening) = signed.statement.body,
      let opener = signed.statement.account
    else { return }
    let links = SpaceLinkTable(database: core.database)
    guard try links.find(space) == nil else { return }
    try links.insert(
      SpaceLink(
        opener: opener, organisation: opening.organisation, team: opening.team,
        assignment: opening.assignment), space)
  }

  func follow(_ entry: LogEntry, at position: Position) throws {
    switch entry.content {
    case .statement(let signed):
      try core.database.run(
        "INSERT INTO statement_position VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        .blob(space.bytes), .blob(signed.hash.bytes), .integer(Int64(position.rawValue)))
      if case .epoch(let epoch) = signed.statement.body {
        try NamedObjects(core: core, space: space).keep(epoch)
      }
    case .authority(.chain(let chain, let point)):
      try Authority(writer: writer, space: space).reach(chain.encoded, point.index + 1)
    case .authority(.consent(let assignment, let old, let hash)):
      let found = try core.store.acceptedCommits(assignment, at: old)
        .first { $0.entryHash == hash }
      guard let found else { return }
      try core.database.run(
        "INSERT INTO recovered_consent VALUES (?, ?) ON CONFLICT DO NOTHING",
        .blob(space.bytes), .integer(Int64(found.stamp.position.rawValue)))
    case .commit(let origin, let commit):
      if origin.replica.device == core.keys.certificate.device { try keepNumbers(commit) }
    default: break
    }
  }

  /// Numbers that were given are not given again.
  private func keepNumbers(_ commit: EncodedCommit) throws {
    for change in try commit.decoded().changes {
      for write in change.writes {
        guard let number = write.value.integer else { continue }
        try core.database.run(
          "INSERT INTO counter VALUES (?, ?, ?) ON CONFLICT (space, field) DO UPDATE "
            + "SET last = MAX(last, excluded.last)",
          .blob(space.bytes), .text("\(change.type).\(write.key)"), .integer(number))
      }
    }
  }
}

import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Takes the statements and commits of one push in, in order: a verdict each.
///
/// A deferred item stops everything after it. So does a refused first statement: what comes after it
/// has no space to stand in.
final class Push {
  let writer: LogWriter
  let space: SpaceID
  let session: Session
  var verdicts: [PushVerdict] = []

  var core: ServerCore { writer.core }

  init(writer: LogWriter, space: SpaceID, session: Session) {
    self.writer = writer
    self.space = space
    self.session = session
  }

  func run(_ items: [PreparedPush.Item]) throws -> [PushVerdict] {
    for item in items {
      let goesOn =
        switch item {
        case .statement(let statement): try take(statement)
        case .segment(let segment): try take(segment)
        }
      if !goesOn { break }
    }
    return verdicts
  }

  /// Why an attempt is rolled back, though nothing is wrong with the server.
  struct Deferred: Error {
    let reason: Deferral
  }

  // MARK: Statements

  private func take(_ signed: SignedStatement) throws -> Bool {
    if let position = try position(of: signed) {
      verdicts.append(.accepted(position))
      return true
    }
    guard signed.statement.account == session.account else { throw ErrorCode.notAllowed }
    do {
      verdicts.append(.accepted(try writer.attempt { try place(signed) }))
      return true
    } catch let refusal as Refusal {
      verdicts.append(.refused(.zero, refusal))
      return try core.openedState(space) != nil
    } catch let deferred as Deferred {
      verdicts.append(.deferred(deferred.reason))
      return false
    }
  }

  private func position(of signed: SignedStatement) throws -> Position? {
    try core.database.first(
      "SELECT position FROM statement_position WHERE space = ? AND hash = ?",
      .blob(space.bytes), .blob(signed.hash.bytes)
    ) { Position(UInt64(clamping: $0.integer(0))) }
  }

  private func place(_ signed: SignedStatement) throws -> Position {
    if case .spaceOpening(let opening) = signed.statement.body {
      try prepare(opening)
    } else {
      guard try core.openedState(space) != nil else { throw Refusal(.spaceNotOpened) }
      try writer.prepare(space)
    }
    let entry = LogEntry.statement(signed)
    let fact = try fact(entry)
    switch try core.store.judge(fact, in: space) {
    case .refused(let refusal): throw refusal
    case .deferred(let reason): throw Deferred(reason: reason)
    case .accepted: break
    }
    if case .epoch(let epoch) = signed.statement.body {
      let objects = NamedObjects(core: core, space: space)
      guard try objects.arePresent(for: epoch) else { throw Deferred(reason: .objectMissing) }
      try objects.keep(epoch)
    }
    let position = try writer.append(entry, fact, in: space)
    try core.database.run(
      "INSERT INTO statement_position VALUES (?, ?, ?)", .blob(space.bytes),
      .blob(signed.hash.bytes), .integer(Int64(position.rawValue)))
    return position
  }

  /// Before the first statement stand the time and all that it rests on.
  private func prepare(_ opening: SpaceOpening) throws {
    guard try core.openedState(space) == nil else { throw Refusal(.spaceExists) }
    try OpeningPolicy(core: core).check(opening)
    let link = SpaceLink(
      opener: session.account, organisation: opening.organisation, team: opening.team,
      assignment: opening.assignment)
    try SpaceLinkTable(database: core.database).insert(link, space)
    try writer.prepare(space, link, members: opening.members.map(\.account))
  }

  /// What names something unknown, or is not its author's, cannot be read as a fact.
  func fact(_ entry: LogEntry) throws -> LogFact {
    do {
      return try FactResolver(space: space, source: core.chains).fact(entry)
    } catch let error as FactError {
      switch error {
      case .missing: throw Refusal(.malformed, ["names what is not known here"])
      case .contradiction: throw Refusal(.malformed, ["names another history"])
      case .invalid: throw Refusal(.malformed)
      }
    }
  }
}

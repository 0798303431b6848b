import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// What one request appends to logs, and what follows from it, inside of one transaction.
///
/// Before anything else is appended to a space, the server's time and the authority that acceptance
/// rests on are brought up to date in it.
final class LogWriter {
  /// Forgotten together with the entries when an attempt is rolled back.
  private struct Book {
    /// Each space's state before the request.
    var before: [SpaceID: SpaceState] = [:]
    var prepared: Set<SpaceID> = []
    var destroysWraps = false
    var erased: [BlobName] = []
  }

  let core: ServerCore
  private var book = Book()

  init(core: ServerCore) { self.core = core }

  /// Whether wraps were destroyed: their bytes should leave the WAL as well.
  var destroysWraps: Bool { book.destroysWraps }

  /// Blobs that were erased: their files go after the transaction.
  var erased: [BlobName] { book.erased }

  /// Runs a part of the request; when it throws, nothing of it remains.
  func attempt<Result>(_ body: () throws -> Result) throws -> Result {
    let saved = book
    do {
      return try core.transaction(body)
    } catch {
      book = saved
      throw error
    }
  }

  @discardableResult
  func append(
    _ entry: LogEntry, _ fact: LogFact, point: JournalPoint? = nil, in space: SpaceID
  ) throws -> Position {
    try begin(space)
    if book.before[space] == nil { book.before[space] = try core.store.state(space) }
    let position = try core.store.append(entry, fact, point: point, in: space).position
    if fact.isEffective { try follow(fact, at: position, in: space) }
    return position
  }

  // MARK: Before

  /// After a restore, the first entry of each space begins its new incarnation.
  func begin(_ space: SpaceID) throws {
    let state = try core.store.state(space)
    let number = try core.incarnation()
    guard state.incarnation < number else { return }
    if book.before[space] == nil { book.before[space] = state }
    try core.store.append(.incarnation(number), .incarnation(number), point: nil, in: space)
  }

  /// Brings a space up to date, once a request.
  func prepare(_ space: SpaceID) throws {
    guard book.prepared.insert(space).inserted else { return }
    try bring(space)
  }

  /// Brings a space up to date that rests on something which has just moved.
  func bring(_ space: SpaceID) throws {
    if let brought = core.brought[space], try brought.isPresent(of: space, in: core) {
      try begin(space)
      return try markTime(space)
    }
    guard let link = try SpaceLinkTable(database: core.database).find(space) else { return }
    let members = try core.store.state(space).presentMembers
    try bring(space, link, members: members)
  }

  /// The same before the first statement of a space, which says itself what it rests on.
  func prepare(_ space: SpaceID, _ link: SpaceLink, members: [AccountID]) throws {
    book.prepared.insert(space)
    try bring(space, link, members: members)
  }

  private func bring(_ space: SpaceID, _ link: SpaceLink, members: [AccountID]) throws {
    try begin(space)
    try markTime(space)
    try Authority(writer: self, space: space).bring(link, members: members)
    try core.note(Brought(link, members: members, in: core), of: space)
  }

  /// Log time stands still or goes on, whatever the server's clock does.
  private func markTime(_ space: SpaceID) throws {
    let now = core.now
    guard now >= (try core.store.state(space).timeMilliseconds) + 1000 else { return }
    try append(.time(now), .time(milliseconds: now), in: space)
  }

  // MARK: After

  private func follow(_ fact: LogFact, at position: Position, in space: SpaceID) throws {
    switch fact.content {
    case .commit(let commit, let origin):
      // What comes back has its number, or gets it with the commit after it.
      let isNew = if case .commit = fact { true } else { false }
      let effects = CommitEffects(writer: self, space: space)
      let outcome = try effects.follow(commit, origin, isNew: isNew)
      book.destroysWraps = book.destroysWraps || outcome.destroysWraps
      book.erased += outcome.erased
    case .ended, .consent:
      let before = book.before[space]?.ended
      guard before == nil, try core.store.state(space).ended != nil else { return }
      if try ShareTable(core: core, space: space).destroyAll() { book.destroysWraps = true }
    default: break
    }
  }

  /// Moves the feeds of all who can read more than before.
  func finish() throws {
    let feed = FeedTable(database: core.database)
    for (space, before) in book.before.sorted(by: { $0.key < $1.key }) {
      let state = try core.store.state(space)
      if state.position > before.position {
        try ReaderTable(core: core, space: space).noteGrowth()
      }
      for account in state.members.keys.sorted() {
        guard let limit = state.readable(by: account), limit > before.position else { continue }
        try feed.move(space, for: account)
        core.news.move(account)
      }
    }
  }
}

extension LogFact {
  /// Whether more may follow from it than its place in the log.
  fileprivate var isEffective: Bool {
    switch content {
    case .commit, .ended, .consent: true
    default: false
    }
  }
}

import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Takes back a page of a log that the server has lost.
///
/// The proof is the server's own signature over the page's head: it leads, hash by hash, from what the
/// log still has to entries that were acknowledged once (design §6, Restored server).
struct Recovery {
  let writer: LogWriter
  let page: LogPage

  private var core: ServerCore { writer.core }
  private var space: SpaceID { page.head.head.space }

  /// Why nothing of the page can be taken yet.
  struct Waits: Error {}

  /// - Returns: how many entries were new.
  func run(from incarnation: UInt64) throws -> UInt64 {
    let start = try start(incarnation)
    let points = try verify(from: start)
    try writer.begin(space)
    var head = start
    var newCount: UInt64 = 0
    for (index, entry) in page.entries.enumerated() {
      // The entry that begins an incarnation counts to the one before.
      let place = LogPlace(incarnation: head.incarnation, position: head.position.next)
      head = head.next(entry, at: points[index])
      if let known = try knownHead(place) {
        guard known == head.hash else { throw ErrorCode.notFound }
        continue
      }
      try take(entry, place, points[index])
      try note(place, head.hash)
      newCount += 1
    }
    try keepTails(points)
    return newCount
  }

  // MARK: The proof

  /// Where the page begins: at the place where the logs part, or after what came back already.
  private func start(_ incarnation: UInt64) throws -> LogHead {
    let state = try core.store.state(space)
    // A space that the server has never seen, or one that has not been written to since.
    let isPresent = incarnation == state.incarnation && page.after <= state.position
    if isPresent || state.past(incarnation).map({ page.after <= $0.base }) ?? false {
      guard state.incarnation(at: page.after) == incarnation else { throw ErrorCode.notFound }
      return try core.store.head(space, at: page.after)
    }
    let place = LogPlace(incarnation: incarnation, position: page.after)
    let before = try knownHead(place) ?? beginningHead(place)
    guard let before else { throw Waits() }
    return LogHead(space: space, incarnation: incarnation, position: page.after, hash: before)
  }

  /// After the entry that began an incarnation, the head is that incarnation's.
  private func beginningHead(_ place: LogPlace) throws -> Digest? {
    guard let parent = try core.store.state(space).past(place.incarnation)?.parent,
      parent.position == place.position
    else { return nil }
    return try knownHead(parent)
  }

  private func verify(from start: LogHead) throws -> [Int: JournalPoint] {
    do {
      return try PageVerifier(server: core.keys.certificate).verify(
        page, from: start, ground: RecoveryGround(core: core, page: page))
    } catch PageError.authorUnknown {
      throw Waits()
    } catch is PageError {
      throw ErrorCode.notFound
    }
  }

  private func knownHead(_ place: LogPlace) throws -> Digest? {
    try core.database.first(
      "SELECT head FROM recovered_entry WHERE space = ? AND incarnation = ? AND position = ?",
      .blob(space.bytes), .integer(Int64(clamping: place.incarnation)),
      .integer(Int64(place.position.rawValue))
    ) { Digest($0.blob(0)) } ?? nil
  }

  private func note(_ place: LogPlace, _ head: Digest) throws {
    try core.database.run(
      "INSERT INTO recovered_entry VALUES (?, ?, ?, ?)", .blob(space.bytes),
      .integer(Int64(clamping: place.incarnation)), .integer(Int64(place.position.rawValue)),
      .blob(head.bytes))
  }

  // MARK: Entries

  private func take(_ entry: LogEntry, _ place: LogPlace, _ point: JournalPoint?) throws {
    if let known = try known(entry, point) {
      try append(.recoveredAlready(place, at: known), point: nil)
      return
    }
    let recovered = LogEntry.recovered(place, entry)
    guard try core.store.judge(fact(recovered), in: space) == .accepted else {
      try append(.recoveredAlready(place, at: .zero), point: nil)
      return
    }
    if let origin = entry.journalOrigin {
      try PromisedCommits(core: core, space: space).remove(origin)
    }
    try RecoveredEffects(writer: writer, space: space).precede(entry)
    let position = try append(recovered, point: point)
    try RecoveredEffects(writer: writer, space: space).follow(entry, at: position)
  }

  @discardableResult
  private func append(_ entry: LogEntry, point: JournalPoint?) throws -> Position {
    let fact = try fact(entry)
    guard try core.store.judge(fact, in: space) == .accepted else { throw ErrorCode.notFound }
    return try writer.append(entry, fact, point: point, in: space)
  }

  private func fact(_ entry: LogEntry) throws -> LogFact {
    do {
      return try FactResolver(space: space, source: core.chains).fact(entry)
    } catch FactError.missing {
      throw Waits()
    }
  }

  /// Where an entry stands already; `zero` where it is not needed or no longer fits, `nil` where it
  /// has to come back.
  private func known(_ entry: LogEntry, _ point: JournalPoint?) throws -> Position? {
    switch entry.content {
    case .commit(let origin, _), .refusal(let origin, _, _), .stub(let origin, _):
      guard let point else { return .zero }
      let number = try core.store.number(of: space)
      if let found = try core.store.log.find(space: number, origin) {
        return found.point == point ? found.position : .zero
      }
      // Somebody went on in this journal otherwise: what was lost does not fit any more.
      let last = try core.store.journalPoint(space, origin.replica)
      guard let content = entry.contentHash,
        last.next(space, origin.replica, content: content) == point
      else { return .zero }
      return nil
    case .statement(let signed): return try statementPosition(signed)
    case .authority(.chain(let chain, let point)):
      let reached = try Authority(writer: writer, space: space).reached(chain.encoded)
      return reached > point.index ? .zero : nil
    case .authority(.consent(let assignment, let position, let hash)):
      let found = try core.store.acceptedCommits(assignment, at: position)
        .first { $0.entryHash == hash }
      guard let found else { throw Waits() }
      let reached = try Authority(writer: writer, space: space).reached(assignment.bytes)
      return found.stamp.position.rawValue <= reached ? .zero : nil
    case .recoveredAlready: return .zero
    case .time, .incarnation, .recovered: return nil
    }
  }

  private func statementPosition(_ signed: SignedStatement) throws -> Position? {
    try core.database.first(
      "SELECT position FROM statement_position WHERE space = ? AND hash = ?",
      .blob(space.bytes), .blob(signed.hash.bytes)
    ) { Position(UInt64(clamping: $0.integer(0))) }
  }

  // MARK: Journals

  /// The signatures that vouch for what came back, and the hashes that lead to them.
  private func keepTails(_ points: [Int: JournalPoint]) throws {
    var last: [ReplicaID: JournalPoint] = [:]
    for (index, entry) in page.entries.enumerated() {
      if let origin = entry.journalOrigin { last[origin.replica] = points[index] }
    }
    let number = try core.store.number(of: space)
    let promised = PromisedCommits(core: core, space: space)
    for tail in page.tails {
      guard let point = last[tail.replica] else { continue }
      let origin = Origin(replica: tail.replica, sequence: point.sequence)
      guard try core.store.log.find(space: number, origin)?.point == point else { continue }
      let logged = try core.store.journalPoint(space, tail.replica).sequence
      for (offset, content) in tail.contentHashes.enumerated() {
        let sequence = point.sequence + 1 + UInt64(offset)
        guard sequence > logged else { continue }
        try promised.keep(
          content, Origin(replica: tail.replica, sequence: sequence))
      }
      try core.store.log.keep(tail.signature, space: number, replica: tail.replica)
    }
  }
}

/// Who wrote in a page that was lost, as far as this server knows them (again).
private struct RecoveryGround: PageGround {
  let core: ServerCore
  let page: LogPage

  /// The point before a journal's first commit in the page.
  func journalPoint(_ journal: ReplicaID) throws -> JournalPoint {
    let first = page.entries.lazy.compactMap(\.journalOrigin).first { $0.replica == journal }
    guard let first, first.sequence > 1 else { return .start }
    let space = page.head.head.space
    let before = Origin(replica: journal, sequence: first.sequence - 1)
    return try core.store.log.find(space: core.store.number(of: space), before)?.point ?? .start
  }

  func identityKey(_ device: DeviceID) throws -> SigningPublicKey? {
    var accounts = try core.store.state(page.head.head.space).devices[device].map { [$0.account] }
    if accounts == nil {
      accounts = page.entries.compactMap { entry in
        guard case .authority(.chain(.account(let account), _)) = entry.content else { return nil }
        return account
      }
    }
    for account in accounts ?? [] {
      if let known = try core.chains.accountChain(account)?.devices[device] {
        return known.certificate.identity
      }
    }
    return nil
  }
}

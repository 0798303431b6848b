import Merge
import Signing
import SyncProtocol

/// Lies about the entries of a log.
extension LyingServer {
  func alter(_ lie: Lie, page: LogPage, _ victim: Party) throws -> Response? {
    switch lie {
    case .rolledBack: return .failure(.notFound)
    case .notAllowed: return .failure(.notAllowed)
    case .unreadable: return .success(Array(page.encoded.dropLast(9)))
    case .frozen: return try emptied(page, victim)
    default: break
    }
    guard !page.entries.isEmpty else {
      return lie.makesAnotherLog ? try emptied(page, victim) : nil
    }
    return try forged(lie, page, victim).map { .success($0.encoded) }
  }

  /// The log ends where the victim stands.
  private func emptied(_ page: LogPage, _ victim: Party) throws -> Response {
    let forged = try self.page([], tails: [], to: victim, in: page.head.head.space)
    return .success(forged.encoded)
  }

  private func forged(_ lie: Lie, _ page: LogPage, _ victim: Party) throws -> LogPage? {
    let space = page.head.head.space
    switch lie {
    case .unsignedHead:
      let stranger = SigningKey(random: SeededRandom(seed: 9))
      return page.under(
        SignedLogHead(
          head: page.head.head, timeMilliseconds: page.head.timeMilliseconds, key: stranger))
    case .otherSpace:
      let head = page.head.head
      let other = SpaceID.vault(of: victim.account)
      return page.under(
        sign(
          LogHead(
            space: other == space ? victim.otherSpace : other, incarnation: head.incarnation,
            position: head.position, hash: head.hash)))
    default:
      guard let entries = try entries(lie, page.entries, victim, space) else { return nil }
      var tails = page.tails
      if lie == .wronglySignedEntry || lie == .unsignedEntry {
        tails += try tail(lie, of: entries.last, victim, space).map { [$0] } ?? []
      }
      return try self.page(entries, tails: tails, to: victim, in: space)
    }
  }

  private func entries(
    _ lie: Lie, _ entries: [LogEntry], _ victim: Party, _ space: SpaceID
  ) throws -> [LogEntry]? {
    let commits = entries.indices.filter { entries[$0].commit != nil }
    switch lie {
    case .changedEntry: return entries.map(\.withAnotherByte)
    case .droppedEntry:
      guard let first = commits.first else { return nil }
      return Array(entries[..<first] + entries[(first + 1)...])
    case .reorderedEntries: return entries.reversed()
    case .repeatedEntry:
      guard let last = commits.last else { return nil }
      return entries + [entries[last]]
    case .refusedForOne: return entries.map(\.asRefused)
    case .uncoveredStub: return try uncoveredStub(entries, victim)
    case .keptStub: return try entries.map { try $0.isKept(victim) ? $0.asStub : $0 }
    case .refusedWithoutReason:
      return entries.map { $0.isWritten(by: victim) ? $0.asRefused : $0 }
    case .hiddenRevocation, .hiddenRemoval: return try withoutNews(lie, entries, victim, space)
    case .unsignedEntry, .wronglySignedEntry:
      return entries + [try invented(victim, space)]
    case .inventedMember:
      return entries + [.authority(.chain(.team(victim.knownTeam), Self.nowhere))]
    case .inventedDevice:
      return entries + [.authority(.chain(.account(victim.account), Self.nowhere))]
    case .replayedGrant:
      guard let old = try victim.oldDecision(in: space) ?? commits.first.map({ entries[$0] })
      else { return nil }
      return entries + [old]
    case .saidEnd: return entries + [.statement(end(of: space, by: victim))]
    default: return nil
    }
  }

  private static var nowhere: ChainPoint { ChainPoint(index: 40, hash: .zero) }

  /// In the name of the victim's own device, or of another one of its home: whoever it knows best.
  private func invented(_ victim: Party, _ space: SpaceID) throws -> LogEntry {
    let state = try victim.held.store.state(space)
    let header = CommitHeader(
      time: HybridTime(milliseconds: state.timeMilliseconds, counter: 0),
      context: Context(position: state.position))
    let change = RecordChange(type: "ticket", record: victim.newRecordID(), operation: .delete)
    let commit = EncodedCommit(Commit(header: header, changes: [change]))
    return .commit(Origin(replica: victim.inventedReplica, sequence: 1), commit)
  }

  private func tail(
    _ lie: Lie, of entry: LogEntry?, _ victim: Party, _ space: SpaceID
  ) throws -> LogPage.JournalTail? {
    guard lie == .wronglySignedEntry, let commit = entry?.commit else { return nil }
    let replica = victim.inventedReplica
    let head = try victim.held.store.head(space)
    let point = JournalPoint.start.next(space, replica, content: commit.contentHash)
    let seen = SeenHeads(
      account: try victim.held.ownChain().head, incarnation: head.incarnation,
      position: head.position, head: head.hash, schema: .zero)
    return LogPage.JournalTail(
      replica: replica, contentHashes: [],
      signature: JournalSignature(
        space: space, replica: replica, point: point, seen: seen, key: keys.log))
  }

  private func end(of space: SpaceID, by victim: Party) -> SignedStatement {
    SignedStatement(
      Statement(
        subject: .space(space), index: 0, previous: nil, account: victim.account,
        device: victim.held.identity.device, timeMilliseconds: 1, body: .engagementEnd),
      key: keys.log)
  }
}

extension LogPage {
  fileprivate func under(_ head: SignedLogHead) -> LogPage {
    LogPage(after: after, entries: entries, tails: tails, head: head, last: last)
  }
}

extension LogEntry {
  func isWritten(by party: Party) -> Bool {
    journalOrigin?.replica.device == party.held.identity.device
  }

  fileprivate var withAnotherByte: LogEntry {
    guard case .commit(let origin, let commit) = self, let sealed = commit.sealed,
      sealed.count > 1
    else { return self }
    return .commit(
      origin,
      EncodedCommit(
        header: commit.header, keys: commit.keys, open: commit.open,
        sealed: Array(sealed.dropLast()) + [sealed[sealed.count - 1] ^ 1]))
  }

  fileprivate var asRefused: LogEntry {
    guard case .commit(let origin, let commit) = self else { return self }
    return .refusal(origin, commit.withoutSealed, Refusal(.notAllowed))
  }
}

extension Party {
  /// A home of the victim's device that there never was.
  fileprivate var inventedReplica: ReplicaID {
    ReplicaID(device: held.identity.device, home: 0xbad)
  }

  fileprivate var otherSpace: SpaceID { .vault(of: AccountID(Hasher256.content([1]))) }

  fileprivate var knownTeam: TeamID { TeamID(Hasher256.content([2])) }

  /// A commit of a log that was taken in before.
  fileprivate func oldDecision(in space: SpaceID) throws -> LogEntry? {
    var found: LogEntry?
    try held.store.eachEntry(space) { _, entry in
      if found == nil, case .commit = entry { found = entry }
    }
    return found
  }
}

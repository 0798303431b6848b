import Database
import Merge
import Schemas
import Signing
import SpaceStore
import SyncProtocol

extension ServerCore {
  /// The state of a space that has been opened; `nil` for any other. Writes nothing.
  func openedState(_ space: SpaceID) throws -> SpaceState? {
    guard try store.knows(space) else { return nil }
    let state = try store.state(space)
    return state.kind == nil ? nil : state
  }

  /// The account's present or former membership.
  func membership(_ account: AccountID, in space: SpaceID) throws -> SpaceState.Membership? {
    try openedState(space)?.members[account]
  }

  /// Bytes of the entries in one page, unless its first entry alone is larger.
  private static var pageByteCountMax: UInt64 { 4 << 20 }

  func pull(_ request: PullRequest, _ session: Session) throws -> [UInt8] {
    guard let state = try openedState(request.space) else { throw ErrorCode.notFound }
    guard let last = try readable(state, request, session) else { throw ErrorCode.notAllowed }
    guard request.after <= last,
      request.incarnation == state.incarnation(at: request.after)
    else { throw ErrorCode.notFound }
    let number = try store.number(of: request.space)
    let byteCountMax = Int(min(request.byteCountMax, Self.pageByteCountMax))
    let read = try store.log.entries(
      space: number, after: request.after, byteCountMax: byteCountMax)
    let entries = Array(read.prefix(Int(clamping: last.rawValue - request.after.rawValue)))
    let end = Position(request.after.rawValue + UInt64(entries.count))
    guard let hash = try store.log.headHash(space: number, at: end) else {
      throw StateError.damaged
    }
    let head = LogHead(
      space: request.space, incarnation: state.incarnation(at: end), position: end, hash: hash)
    if state.members[session.account] != nil {
      try noteReader(request, session, state, end, reachesEnd: end >= last)
    }
    let page = LogPage(
      after: request.after, entries: entries,
      tails: try PromisedCommits(core: self, space: request.space).tails(of: entries),
      head: SignedLogHead(head: head, timeMilliseconds: now, key: keys.log), last: last)
    if end == last { try release(request.space, by: session.account) }
    return page.encoded
  }

  /// How far the asker may read: a member, or whoever has opened the client's emergency deposit.
  private func readable(
    _ state: SpaceState, _ request: PullRequest, _ session: Session
  ) throws -> Position? {
    if let last = state.readable(by: session.account) { return last }
    guard state.kind == .vault,
      try EmergencyTable(core: self).releases(state.id, object: state.id.bytes, session)
    else { return nil }
    return state.position
  }

  /// What a replica asks from, it has. Not noted on a full disk: reading goes on. A note that is lost is
  /// made again when the replica asks the next time.
  private func noteReader(
    _ request: PullRequest, _ session: Session, _ state: SpaceState, _ end: Position,
    reachesEnd: Bool
  ) throws {
    do {
      try hintTransaction {
        if state.kind == .engagement, state.members[session.account]?.role != .client {
          let isNews = try ContactTable(database: database).note(
            session.device, in: request.space, at: end, now: now)
          if isNews { try tellMembers(of: request.space) }
        }
        guard let home = request.home else { return }
        try ReaderTable(core: self, space: request.space).note(
          ReplicaID(device: session.device, home: home), of: session.account, at: request.after,
          reachesEnd: reachesEnd)
      }
    } catch let error as SQLError where error.category == .full {
      return
    }
  }

  func journalPoint(_ request: JournalRequest, _ session: Session) throws -> [UInt8] {
    guard let state = try openedState(request.space) else {
      return JournalResponse(point: .start).encoded
    }
    guard state.members[session.account] != nil else { throw ErrorCode.notAllowed }
    let point = try store.log.journalPoint(
      space: store.number(of: request.space), replica: request.replica,
      upTo: min(request.sequence, Position.countMax - 1))
    return JournalResponse(point: point).encoded
  }

  /// What the log came to here, for whoever may read all of it and stands at the same place.
  func digest(_ request: DigestRequest, _ session: Session) throws -> [UInt8] {
    guard let state = try openedState(request.space) else { throw ErrorCode.notFound }
    guard let last = state.readable(by: session.account) else { throw ErrorCode.notAllowed }
    let isSame =
      request.incarnation == state.incarnation && request.position == state.position
      && last == state.position && request.schema == schemaHash
    return DigestResponse(digest: isSame ? try store.digest(of: request.space) : nil).encoded
  }

  /// A new device stands in the logs of its account's spaces at once: after its first pull it can
  /// write offline, and knows what will be said of it.
  func bringAccount(_ account: AccountID) throws {
    let writer = LogWriter(core: self)
    let spaces = try FeedTable(database: database).moved(after: 0, for: account).map(\.space)
    for space in spaces.sorted() where try openedState(space)?.role(of: account) != nil {
      try writer.bring(space)
    }
    try writer.finish()
  }

  /// A team's new member can read its spaces at once.
  func bringTeam(_ team: TeamID) throws {
    let writer = LogWriter(core: self)
    for space in try SpaceLinkTable(database: database).spaces(of: team) { try writer.bring(space) }
    try writer.finish()
  }

  /// A new record type can be used in all spaces of the organisation after the next pull, offline too.
  func bringOrganisation(_ organisation: OrganisationID) throws {
    let writer = LogWriter(core: self)
    let spaces = try SpaceLinkTable(database: database).spaces(of: organisation)
    for space in spaces { try writer.bring(space) }
    try writer.finish()
  }
}

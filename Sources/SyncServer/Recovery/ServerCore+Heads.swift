import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

extension ServerCore {
  /// Compares what a device saw signed with the logs. What this server's own key has signed and its log
  /// does not have was lost: the server was restored, whether anybody said so or not.
  ///
  /// A request without heads says that the device has handed back what it has.
  func compareHeads(_ request: HeadsRequest, _ session: Session) throws -> [UInt8] {
    for standing in request.standings {
      guard standing.head.isSigned(by: keys.log.publicKey) else { throw ErrorCode.badSignature }
    }
    let lost = try request.standings.filter { try !isOnLog($0.head.head) }
    // Whoever was taken out hands back what there is, and speaks for nobody.
    let isMember = try !isRevoked(session)
    if request.standings.isEmpty, isMember { try noteReturned(session.device) }
    for standing in request.standings where try isMember && isOnLog(standing.head.head) {
      try release(standing.head.head.space, by: session.account)
    }
    if let newest = lost.map(\.head.head.incarnation).max() {
      if try newest >= incarnation() {
        try beginIncarnation(after: newest, isWithholding: true)
      } else {
        for standing in lost { try withhold(since: lossBegan(standing.head.head)) }
      }
    }
    let bases = try transaction {
      let writer = LogWriter(core: self)
      let bases = try lost.map { standing in
        let head = standing.head.head
        try noteLost(head)
        if try openedState(head.space) != nil { try writer.begin(head.space) }
        return SignedLogHead(
          head: try base(of: standing), timeMilliseconds: now, key: keys.log)
      }
      try writer.finish()
      return bases
    }
    return HeadsResponse(bases: bases).encoded
  }

  private func isOnLog(_ head: LogHead) throws -> Bool {
    if head.position == .zero { return true }
    guard try store.knows(head.space) else { return false }
    let state = try store.state(head.space)
    guard head.position <= state.position,
      state.incarnation(at: head.position) == head.incarnation
    else { return false }
    return try store.head(head.space, at: head.position) == head
  }

  /// The incarnation that began where the head was lost.
  private func lossBegan(_ head: LogHead) throws -> UInt64 {
    guard try store.knows(head.space) else { return try incarnation() }
    let state = try store.state(head.space)
    guard let index = state.past.firstIndex(where: { $0.number == head.incarnation }) else {
      return try incarnation()
    }
    return state.past[(index + 1)...].first { $0.parent == nil }?.number ?? state.incarnation
  }

  /// The last head that the device's log and this one have in common, as far as their incarnations
  /// tell.
  private func base(of standing: HeadsRequest.Standing) throws -> LogHead {
    let head = standing.head.head
    guard try store.knows(head.space) else { return .start(of: head.space) }
    let state = try store.state(head.space)
    let own = LogPlace(incarnation: head.incarnation, position: head.position)
    for place in [own] + standing.past.reversed() {
      let end: Position
      if place.incarnation == state.incarnation {
        end = state.position
      } else if let past = state.past(place.incarnation), past.parent == nil {
        end = past.base
      } else {
        continue
      }
      return try store.head(head.space, at: min(end, place.position))
    }
    return .start(of: head.space)
  }

  private func noteLost(_ head: LogHead) throws {
    try database.run(
      "INSERT INTO lost_head VALUES (?, ?, ?) ON CONFLICT (space, incarnation) DO UPDATE "
        + "SET position = MAX(position, excluded.position)",
      .blob(head.space.bytes), .integer(Int64(clamping: head.incarnation)),
      .integer(Int64(head.position.rawValue)))
  }
}

import Database
import Merge
import Replica
import SpaceStore
import SyncProtocol

/// A vault is read without its owner only as its deposit's log says: after somebody had it recorded that
/// they open it, for at most 24 hours from then on, until somebody ends it, and in the owner's sight.
struct EmergencyChecker {
  private static let longestMilliseconds: UInt64 = 24 * 60 * 60 * 1000

  /// What a log says of one deposit.
  private struct Record {
    let space: SpaceID
    let deposit: RecordID
    /// Log time at which it was opened.
    var openedAt: UInt64?
    var opener: AccountID?
    /// Closed, or taken back.
    var isOver = false
  }

  private(set) var hasSeenAny = false

  /// Somebody has just opened a client's deposit with the server's share.
  mutating func reading(
    _ client: AccountID, _ opener: Party, _ now: UInt64, _ world: World
  ) throws -> [String] {
    hasSeenAny = true
    let records = try world.withServerStore { try Self.records(of: client, $0) }
    let own = records.filter { $0.opener == opener.account && !$0.isOver }
    let isWithin = own.contains { now < ($0.openedAt ?? 0) + Self.longestMilliseconds }
    return isWithin ? [] : ["\(opener.name) reads a vault, and no log says that they may"]
  }

  /// Everything is over by now, wherever it was opened.
  func problemsAtEnd(of run: Run) throws -> [String] {
    guard hasSeenAny else { return [] }
    run.world.clock.advance(milliseconds: Self.longestMilliseconds)
    try run.world.server.collectGarbage()
    var found: [String] = []
    let clients = Set(run.parties.filter { $0.role == .client }.map(\.account)).sorted()
    for client in clients {
      let opened = try run.world.withServerStore { store in
        let opened = try Self.records(of: client, store).filter { $0.opener != nil }
        found += try opened.filter { try Self.isShareHere($0, store) }
          .map { "the server keeps its share of a deposit in \($0.space.hex) that is over" }
        return opened
      }
      for party in run.parties where party.account == client {
        let present = Set(try party.presentSpaces())
        let seen = Set(try party.replica.emergencyDeposits().filter { $0.access != nil }.map(\.id))
        found += opened.filter { present.contains($0.space) && !seen.contains($0.deposit) }
          .map { "\(party.name) is not told that their vault was opened in \($0.space.hex)" }
      }
    }
    return found
  }

  private static func isShareHere(_ record: Record, _ store: SpaceStore) throws -> Bool {
    try store.database.first(
      """
      SELECT 1 FROM emergency_share JOIN wrap ON wrap.hash = emergency_share.share
      WHERE emergency_share.space = ? AND emergency_share.record = ?
      """, .blob(record.space.bytes), .blob(record.deposit.bytes)
    ) { _ in true } ?? false
  }

  /// The deposits of a client as the server's logs have them.
  private static func records(of client: AccountID, _ store: SpaceStore) throws -> [Record] {
    try store.spaceIDs().flatMap { space in
      let state = try store.state(space)
      guard state.kind == .casework, state.role(of: client) == .contact else { return [Record]() }
      return try records(in: space, state, of: client, store)
    }
  }

  private static func records(
    in space: SpaceID, _ state: SpaceState, of client: AccountID, _ store: SpaceStore
  ) throws -> [Record] {
    var found: [RecordID: Record] = [:]
    var time: UInt64 = 0
    try store.eachEntry(space) { _, entry in
      if case .time(let now) = entry.content { time = now }
      guard case .commit(let journal, let encoded) = entry.content else { return }
      let commit = try encoded.decoded()
      let author = state.devices[(commit.header.origin ?? journal).replica.device]?.account
      for change in commit.changes where change.type == EmergencyRules.deposit {
        if change.operation == .create, author == client {
          found[change.record] = Record(space: space, deposit: change.record)
        }
        for write in change.writes {
          switch write.key {
          case "access" where found[change.record]?.opener == nil:
            found[change.record]?.opener = author
            found[change.record]?.openedAt = time
          case "closed": found[change.record]?.isOver = true
          case "state" where write.value.text != "active": found[change.record]?.isOver = true
          default: break
          }
        }
      }
    }
    return found.values.sorted { $0.deposit < $1.deposit }
  }
}

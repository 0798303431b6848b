import Database
import Merge

extension Replica {
  /// How this replica stands. Works without a network, and while locked.
  public func status() throws -> ReplicaStatus {
    let spaces = try store.spaceIDs().map { try status(of: $0) }
    var pendingCounts: [SpaceKind: Int] = [:]
    for space in spaces where space.pendingCount > 0 {
      if let kind = space.kind { pendingCounts[kind, default: 0] += space.pendingCount }
    }
    return ReplicaStatus(
      account: identity.account, name: personName(identity.account), replica: identity.replica,
      role: identity.role, serverURL: try settings.text(.serverURL), isLocked: isLocked,
      isLoggedOut: try isLoggedOut(),
      lastSyncMilliseconds: try settings.number(.lastSync),
      clockAheadMilliseconds: try settings.number(.clockAhead) ?? 0,
      serverClockProblem: try settings.text(.serverClockProblem),
      pendingCounts: pendingCounts, blobsToUpload: try count("blob_outbox"),
      conflictCount: try conflictCount(), rejectedCount: try count("rejected"),
      evidenceCount: try count("evidence"), keyDebt: try keyDebt(),
      changedKeys: try changedKeys(), openEmergencies: try openEmergencies(),
      requestsToAnswer: try requestsToAnswer().count,
      decisionsToMake: try decisionsToMake().count, isRevoked: try wasRevoked(), kits: try kits(),
      isFreshnessUnproven: try isFreshnessUnproven(), spaces: spaces)
  }

  private func status(of id: SpaceID) throws -> ReplicaStatus.Space {
    let number = try store.number(of: id)
    let state = try store.state(id)
    var clock = try store.log.versionVector(space: number)
    clock.advance(try journalReplica(space: number), to: try ownJournal(space: number).sequence)
    let pendingCount = try database.first(
      "SELECT COUNT(*) FROM outbox WHERE space = ? AND accepted IS NULL", .integer(number)
    ) { Int($0.integer(0)) }
    return ReplicaStatus.Space(
      id: id, kind: state.kind, role: state.role(of: identity.account),
      incarnation: state.incarnation, position: state.position.rawValue,
      holdsEpoch: state.currentEpoch == nil ? nil : try holdsEpoch(of: state),
      isEnded: state.ended != nil, isIncomplete: try store.isIncomplete(id),
      isForked: try isForked(id), leftReason: try leftReason(id),
      pendingCount: pendingCount ?? 0, clock: clock)
  }

  private func count(_ table: String) throws -> Int {
    try database.first("SELECT COUNT(*) FROM \(table)") { Int($0.integer(0)) } ?? 0
  }
}

import Merge
import SyncProtocol

/// A home that stays connected.
///
/// After one whole sync it only sends what was written and takes in what has moved: with nothing to do
/// that is one request, which the server can hold until there is something. It syncs as a whole again
/// where more may be owed than that: after anything but the writing of plain records here or elsewhere
/// (``Replica/roundIsOwed``), when the server says that there is other news, when something went wrong,
/// and every five minutes for what depends on time alone.
///
/// Only for an unlocked home that no other process opens meanwhile.
public final class Watch {
  private static let roundMilliseconds: UInt64 = 5 * 60 * 1000
  private static let lastSyncMilliseconds: UInt64 = 60 * 1000

  /// What the last whole sync left.
  private struct Standing {
    let connection: Connection
    let wholeMilliseconds: UInt64
    /// When the contact was last noted.
    var notedMilliseconds: UInt64
    var changeCount: Int64
  }

  private let replica: Replica
  private let transport: any Transport
  private var standing: Standing?

  public init(_ replica: Replica, _ transport: any Transport) {
    self.replica = replica
    self.transport = transport
  }

  /// Syncs.
  ///
  /// - Parameter holdMilliseconds: how long to wait where there is nothing to do, at most
  ///   `FeedRequest.holdMillisecondsMax`. Writing has to wait for as long.
  /// - Throws: as ``Replica/sync(_:onBytes:)``.
  public func sync(holdMilliseconds: UInt64 = 0) throws -> SyncReport {
    do {
      if let standing = try usableStanding() {
        return try goOn(standing, holdMilliseconds: holdMilliseconds)
      }
    } catch ReplicaError.server(let code) where code == .sessionExpired || code == .deviceRevoked {
      // The whole sync opens another, or takes its leave.
    }
    return try syncAsAWhole()
  }

  private func syncAsAWhole() throws -> SyncReport {
    standing = nil
    let (report, connection) = try replica.syncConnecting(transport)
    keep(connection, after: report)
    return report
  }

  private func keep(_ connection: Connection?, after report: SyncReport) {
    standing = nil
    guard let connection, connection.feed?.news != nil, !replica.roundIsOwed, report.isCalm else {
      return
    }
    let now = replica.environment.nowMilliseconds()
    standing = Standing(
      connection: connection, wholeMilliseconds: now, notedMilliseconds: now,
      changeCount: replica.unplainChangeCount)
  }

  /// Whether nothing was done here since but writing plain records, and it was not long ago.
  private func usableStanding() throws -> Standing? {
    let now = replica.environment.nowMilliseconds()
    guard let standing, !replica.isLocked, !replica.roundIsOwed,
      standing.changeCount == replica.unplainChangeCount, now >= standing.wholeMilliseconds,
      now < standing.wholeMilliseconds + Self.roundMilliseconds
    else { return nil }
    return standing
  }

  private func goOn(_ standing: Standing, holdMilliseconds: UInt64) throws -> SyncReport {
    self.standing = nil
    let connection = standing.connection
    var report = SyncReport()
    let isWhole = try replica.countingAsPlain {
      try replica.pushAll(connection, &report)
      return try replica.pullMoved(
        connection, &report,
        holdMilliseconds: report.acceptedCount == 0 ? holdMilliseconds : 0)
    }
    guard isWhole, report.isCalm, !replica.roundIsOwed else {
      // What was found so far is told with the rest.
      try replica.finishRound(connection, &report)
      keep(connection, after: report)
      return report
    }
    self.standing = try noteContact(standing)
    return report
  }

  private func noteContact(_ standing: Standing) throws -> Standing {
    let now = replica.environment.nowMilliseconds()
    guard now >= standing.notedMilliseconds + Self.lastSyncMilliseconds else { return standing }
    try replica.countingAsPlain {
      try replica.settings.set(.lastSync, number: try replica.nowMilliseconds)
    }
    var noted = standing
    noted.notedMilliseconds = now
    return noted
  }
}

extension SyncReport {
  /// Whether all went through, and nothing is left that the next sync should look at.
  fileprivate var isCalm: Bool {
    problems.isEmpty && refused.isEmpty && deferred.isEmpty && unpulled.isEmpty && left.isEmpty
      && warnings.isEmpty && !wasLocked && !wasRevoked && !sawDishonesty && lostCount == 0
  }
}

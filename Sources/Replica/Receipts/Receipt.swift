import Merge
import SyncProtocol

/// What is known of one taking back: stopped where, heard of and purged by which devices.
///
/// The server's word, but for purges: those the devices have signed. None of it is a proof that nothing
/// was kept.
public struct Receipt: Sendable {
  /// One device of the person from whom something was taken back.
  public struct Device: Sendable {
    public let id: DeviceID
    /// When it was last given the log, after what took it back stood in it; milliseconds since 1970, the
    /// server's time. `nil`: not seen since.
    public let heardMilliseconds: UInt64?
    /// When it reported that it has purged, as the server received that; `nil`: no report.
    public let purgedMilliseconds: UInt64?
  }

  /// The engagement.
  public let space: SpaceID
  public let practitioner: AccountID
  /// The share; `nil` where the whole engagement has ended.
  public let share: RecordID?
  /// The file's name; `nil` for an engagement.
  public let name: String?
  /// How many shares ended with it.
  public let shareCount: Int
  /// When it was taken back, by the clock of who did it; milliseconds since 1970.
  public let timeMilliseconds: UInt64
  /// Whether the server has it: from then on it releases nothing.
  public let isStopped: Bool
  public let devices: [Device]
}

extension Replica {
  /// What was taken back, oldest first.
  public func receipts() throws -> [Receipt] {
    _ = try unlockedKeys()
    return try sharingEngagements().flatMap { space in
      let state = try store.state(space)
      guard let practitioner = try practitioner(of: space) else { return [Receipt]() }
      let reports = try DeviceReports(of: space, practitioner, in: self)
      if let ended = state.ended {
        return [try receipt(ofEnded: space, at: ended, practitioner, reports)]
      }
      return try shares(in: space).filter(\.isRevoked).map {
        try receipt(of: $0, practitioner, reports)
      }
    }.sorted { ($0.timeMilliseconds, $0.space) < ($1.timeMilliseconds, $1.space) }
  }

  private func receipt(
    of share: Share, _ practitioner: AccountID, _ reports: DeviceReports
  ) throws -> Receipt {
    let ends = share.record.siblings("access").filter {
      $0.value.map?["state"]?.text == Share.revoked
    }
    let sent = ends.filter { $0.position.pendingSequence == nil }
    let time = ends.map(\.authorship.time.milliseconds).max() ?? 0
    return Receipt(
      space: share.space, practitioner: practitioner, share: share.id,
      name: try shareName(share), shareCount: 1, timeMilliseconds: time,
      isStopped: !sent.isEmpty,
      devices: reports.devices(since: sent.map(\.position).max(), share: share.id))
  }

  private func receipt(
    ofEnded space: SpaceID, at position: Position, _ practitioner: AccountID,
    _ reports: DeviceReports
  ) throws -> Receipt {
    let count = try database.first(
      "SELECT COUNT(*) FROM share WHERE space = ?", .integer(store.number(of: space))
    ) { Int($0.integer(0)) }
    return Receipt(
      space: space, practitioner: practitioner, share: nil, name: nil, shareCount: count ?? 0,
      timeMilliseconds: try endTime(of: space),
      isStopped: true,
      devices: reports.devices(since: position, share: nil))
  }

  /// When the decision that ended an engagement was written.
  private func endTime(of space: SpaceID) throws -> UInt64 {
    let state = try store.state(space)
    let words = ["revoked", "withdrawn", "declined"]
    let ends = (state.consent.client.siblings + state.consent.practitioner.siblings).filter {
      words.contains($0.value.map?["decision"]?.text ?? "")
    }
    return ends.map(\.authorship.time.milliseconds).max() ?? state.timeMilliseconds
  }
}

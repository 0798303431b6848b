import Database
import Merge
import SyncProtocol

/// What the server has said, up to the last sync, of one person's devices in one engagement.
struct DeviceReports {
  private struct Purge {
    let device: DeviceID
    /// `nil` for the whole space.
    let share: RecordID?
    /// How far the device had read the log.
    let position: Position
    let receivedMilliseconds: UInt64
  }

  private let devices: [DeviceID]
  private let purges: [Purge]
  private let contacts: [DeviceID: (position: Position, timeMilliseconds: UInt64)]

  init(of space: SpaceID, _ account: AccountID, in replica: Replica) throws {
    let number = try replica.store.number(of: space)
    devices =
      try replica.chains.accountChain(account)?.devicesInOrder.map(\.certificate.device) ?? []
    purges = try replica.database.rows(
      "SELECT device, share, position, received FROM seen_purge WHERE space = ? ORDER BY received",
      .integer(number)
    ) { row in
      guard let device = DeviceID(row.blob(0)) else { throw ReplicaError.homeDamaged("reports") }
      return Purge(
        device: device, share: RecordID(row.blob(1)),
        position: Position(try Replica.count(row.integer(2))),
        receivedMilliseconds: UInt64(clamping: row.integer(3)))
    }
    let rows = try replica.database.rows(
      "SELECT device, position, time FROM seen_contact WHERE space = ? ORDER BY device",
      .integer(number)
    ) { row in
      guard let device = DeviceID(row.blob(0)) else { throw ReplicaError.homeDamaged("reports") }
      return (
        device,
        (
          position: Position(try Replica.count(row.integer(1))),
          timeMilliseconds: UInt64(clamping: row.integer(2))
        )
      )
    }
    contacts = Dictionary(rows, uniquingKeysWith: { first, _ in first })
  }

  /// - Parameters:
  ///   - position: where what took it back stands; `nil` while the server does not have it. Reports from
  ///     before do not count: it was given again since.
  ///   - share: `nil` for the whole engagement.
  func devices(since position: Position?, share: RecordID?) -> [Receipt.Device] {
    devices.map { device in
      guard let position else {
        return Receipt.Device(id: device, heardMilliseconds: nil, purgedMilliseconds: nil)
      }
      let heard = contacts[device].flatMap {
        $0.position >= position ? $0.timeMilliseconds : nil
      }
      let purged = purges.last {
        $0.device == device && $0.share == share && (share == nil || $0.position >= position)
      }
      return Receipt.Device(
        id: device, heardMilliseconds: heard ?? purged?.receivedMilliseconds,
        purgedMilliseconds: purged?.receivedMilliseconds)
    }
  }
}

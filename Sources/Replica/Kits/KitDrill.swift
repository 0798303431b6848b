import Merge
import Sealing
import SyncProtocol

/// What a recovery kit would bring back, found out without using it up.
public struct KitDrill: Hashable, Sendable {
  public let device: DeviceID
  public let account: AccountID
  /// Whether it lets a device in now; else it waits for the one that counts to go.
  public let counts: Bool
  /// Devices that the account has now, without kits.
  public let deviceCount: Int
  /// Account keys that the kit opens: all there were.
  public let accountKeyCount: Int
  /// Spaces of the account at the server, by kind.
  public let spaceCounts: [SpaceKind: Int]
}

extension Replica {
  /// Goes the whole way from a kit's words to the account's keys, and lets nobody in.
  ///
  /// - Throws: ``ReplicaError/kitRefused(_:)`` where the kit would be of no use.
  public static func drill(
    _ keys: KitKeys, _ code: KitCode, transport: any Transport
  ) throws -> KitDrill {
    let connection = Connection(transport)
    let holder = try KitHolder(keys, code, connection)
    try holder.openSession(.pull)
    let chain = try holder.chain()
    guard chain.devices[holder.device]?.revokedAt == nil else {
      throw ReplicaError.kitRefused(.replaced)
    }
    try holder.openSession(.full)
    let accountKeys = try holder.accountKeys(chain)
    let feed = try connection.call(Path.feed, FeedRequest(after: 0), FeedResponse.self)
    var counts: [SpaceKind: Int] = [:]
    for moved in feed.moved { counts[moved.kind, default: 0] += 1 }
    return KitDrill(
      device: holder.device, account: code.account,
      counts: chain.devices[holder.device]?.counts == true,
      deviceCount: chain.presentDevices.count, accountKeyCount: accountKeys.count,
      spaceCounts: counts)
  }
}

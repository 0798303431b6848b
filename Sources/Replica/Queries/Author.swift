import Merge

/// Who wrote something, and on which device.
public struct Author: Hashable, Sendable {
  /// `nil` for the server, and for a device that no chain here knows.
  public let account: AccountID?
  /// A person's name as ``Replica/personName(_:)`` gives it, or “server”.
  public let name: String
  public let device: DeviceID
  public let isThisDevice: Bool
  /// As ``Replica/mark(of:)``.
  let mark: String

  /// `Name (3fa94c1e)`: the device by the beginning of its id. A person whom nobody has compared is
  /// marked.
  public var text: String {
    isThisDevice ? "\(name) (this device)" : "\(name)\(mark) (\(device.hex.prefix(8)))"
  }
}

extension Replica {
  func author(_ device: DeviceID, in state: SpaceState) throws -> Author {
    if device == state.server {
      return Author(account: nil, name: "server", device: device, isThisDevice: false, mark: "")
    }
    let isOwn = device == identity.device
    let account =
      try isOwn
      ? identity.account : state.devices[device]?.account ?? chains.device(device)?.account
    return Author(
      account: account, name: account.map { personName($0) } ?? "unknown", device: device,
      isThisDevice: isOwn, mark: account.map { mark(of: $0) } ?? "")
  }
}

import Merge
import Signing
import SyncProtocol

/// How a recovery kit of the account stands.
public struct KitStanding: Hashable, Sendable {
  public let device: DeviceID
  /// The device that made it.
  public let madeBy: DeviceID?
  /// When, as that device says; milliseconds since 1970.
  public let sinceMilliseconds: UInt64
  /// Whether it lets a device in now.
  public let counts: Bool
  /// From when on it can take the place of the one that counts, by the server's time; `nil` where it
  /// counts, or where this device has not heard of it from the server yet.
  public let countsFromMilliseconds: UInt64?
}

/// A recovery kit that has just been made. Its words are nowhere but here.
public struct NewKit: ~Copyable {
  /// What the words stand for.
  public let entropy: SecretBytes
  public let code: KitCode
  public let device: DeviceID
  /// When it was made, by this device's clock; milliseconds since 1970.
  public let madeMilliseconds: UInt64
  /// Whether another kit counts now, for seven days at least.
  public let waits: Bool
}

/// Why a recovery kit lets nobody in.
public enum KitProblem: Hashable, Sendable {
  /// The account's chain has no such kit.
  case unknown
  /// It was used, or another one has taken its place.
  case replaced
  /// Another one counts still.
  case waits
  /// The chain that the server shows ends before the kit was made.
  case oldChain
  /// The account's key cannot be opened with it.
  case keyMissing
}

extension KitProblem {
  var explanation: String {
    switch self {
    case .unknown: "the account has no such recovery kit"
    case .replaced: "this recovery kit was used, or another one has taken its place"
    case .waits: "this recovery kit does not count yet: another one still does"
    case .oldChain: "the server shows the account as it was before this recovery kit was made"
    case .keyMissing: "the account's key cannot be opened with this recovery kit"
    }
  }

  var hint: String {
    switch self {
    case .unknown: "check that words and code are of the same kit"
    case .replaced: "use the newest kit, or a device that the account still has"
    case .waits: "use the one before it, or wait until the seven days are over"
    case .oldChain: "nothing was done; ask whoever runs the server whether it lost something"
    case .keyMissing: "nothing was done; a device of the account can make a new kit"
    }
  }
}

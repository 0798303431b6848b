import Merge
import Signing

extension FixedBytes {
  /// The identifier that begins a hash, or is it.
  public init(_ digest: Digest) {
    guard let id = Self(digest.bytes.prefix(Self.byteCount)) else {
      preconditionFailure("no identifier is longer than a hash")
    }
    self = id
  }

  /// The identifier as a hash; only for the 32-byte ones.
  public var digest: Digest? { Digest(bytes) }
}

extension DeviceID {
  /// The key proves the id.
  public init(_ key: SigningPublicKey) { self.init(Domain.deviceID.hash(key.bytes)) }
}

extension SpaceID {
  /// The vault of an account.
  public static func vault(of account: AccountID) -> SpaceID {
    derived(.vault, account.bytes)
  }

  /// The engagement that rests on one approval in one assignment: another approval, another space.
  public static func engagement(assignment: SpaceID, approval: Origin) -> SpaceID {
    derived(.engagement, assignment.bytes + approval.packed)
  }

  public static func team(_ team: TeamID) -> SpaceID { derived(.team, team.bytes) }

  private static func derived(_ kind: SpaceKind, _ bytes: [UInt8]) -> SpaceID {
    SpaceID(Domain.spaceID.hash(Array(kind.rawValue.utf8), bytes))
  }
}

import Merge
import Signing
import SyncProtocol

/// What a check asks of the device or server whose database it is.
public protocol CheckGround {
  associatedtype Source: AuthoritySource

  /// The verified histories that entries name.
  var source: Source { get }
  /// Whether a signature is kept for every commit: on a server. A device keeps those that came with
  /// its pages.
  var keepsAllSignatures: Bool { get }
  func identityKey(_ device: DeviceID) throws -> SigningPublicKey?
  /// Content hashes of commits that were signed and do not stand in the log yet, as far as they are
  /// known.
  func promised(
    _ replica: ReplicaID, after: UInt64, upTo: UInt64, in space: SpaceID
  ) throws -> [Digest]
  /// Puts what is unsent over the rows of a replay, as it lies over the own ones.
  ///
  /// - Returns: whether that could be done, so that the rows can be compared.
  func applyUnsent(of space: SpaceID, to replay: SpaceStore) throws -> Bool
}

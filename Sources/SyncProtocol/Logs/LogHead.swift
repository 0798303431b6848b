import CBOR
import Merge
import Signing

/// The rolling hash of a space's log up to a position.
public struct LogHead: Hashable, Sendable {
  public let space: SpaceID
  public let incarnation: UInt64
  public let position: Position
  public let hash: Digest

  public init(space: SpaceID, incarnation: UInt64, position: Position, hash: Digest) {
    self.space = space
    self.incarnation = incarnation
    self.position = position
    self.hash = hash
  }

  /// Before the first entry.
  public static func start(of space: SpaceID, incarnation: UInt64 = 0) -> LogHead {
    LogHead(space: space, incarnation: incarnation, position: .zero, hash: .zero)
  }

  /// The head after one more entry.
  public func next(_ entryHash: Digest) -> LogHead {
    var writer = CBORWriter()
    writer.array(count: 3)
    writer.id(space)
    writer.unsigned(incarnation)
    writer.position(position.next)
    return LogHead(
      space: space, incarnation: incarnation, position: position.next,
      hash: Domain.log.hash(writer.bytes, hash.bytes, entryHash.bytes))
  }
}

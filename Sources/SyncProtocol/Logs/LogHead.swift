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

  /// The head after one more entry, which may begin another incarnation.
  public func next(_ entry: LogEntry, at point: JournalPoint?) -> LogHead {
    let hash = entry.hash(at: point)
    guard case .incarnation(let number) = entry else { return next(hash) }
    return LogHead(space: space, incarnation: number, position: position, hash: self.hash)
      .next(hash)
  }

  /// The head after one more entry of the same incarnation.
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

import Merge
import Signing

/// What two people, or two devices of one, compare to know that a server shows both the same history
/// of an account: how far its chain goes, and by what. It is no secret, and never sent.
public struct HeadFingerprint: Hashable, Sendable {
  public static let byteCount = 16

  public let account: AccountID
  public let head: ChainPoint

  public init(account: AccountID, head: ChainPoint) {
    self.account = account
    self.head = head
  }

  /// What is read aloud, as twelve words: ``byteCount`` bytes, so that no other chain can be made for
  /// them.
  public var bytes: [UInt8] {
    Array(Domain.headFingerprint.hash(account.bytes, head.encoded).bytes.prefix(Self.byteCount))
  }
}

import CBOR
import Merge
import Signing

/// What two people compare to know that each sees the other: an account, and the key that is sealed to
/// now. The account's id is the hash of its first statement, which everything on its chain goes back
/// to.
public struct AccountFingerprint: Hashable, WireCodable {
  public static let prefix = "satchel-key-1-"
  public static let byteCount = 16

  public let account: AccountID
  public let key: ExchangePublicKey

  public init(account: AccountID, key: ExchangePublicKey) {
    self.account = account
    self.key = key
  }

  /// What is read aloud, as twelve words: ``byteCount`` bytes, too many to look for another account
  /// that has the same.
  public var bytes: [UInt8] {
    Array(Domain.keyFingerprint.hash(account.bytes, key.bytes).bytes.prefix(Self.byteCount))
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.id(account)
    writer.bytes(key.bytes)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "account fingerprint")
    account = try reader.id()
    key = try reader.exchangeKey()
  }
}

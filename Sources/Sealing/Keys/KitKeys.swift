import CSodium
import Signing

/// The keys of a recovery kit, derived from the 32 bytes that its words stand for (libsodium's
/// `crypto_kdf`, BLAKE2b): a device that is written on paper.
public final class KitKeys: Sendable {
  /// How many bytes the words stand for.
  public static let entropyByteCount = Int(crypto_kdf_KEYBYTES)

  /// What each number stands for never changes: kits on paper depend on it.
  private enum Purpose: UInt64 {
    case identity = 1
    case exchange = 2
    case transport = 3
  }

  /// Eight bytes, as libsodium wants them.
  private static let context = "SatchKit"

  public let identity: SigningKey
  public let exchange: ExchangeKey
  public let transport: SigningKey

  /// `nil` unless there are ``entropyByteCount`` bytes, which are copied.
  public init?(entropy: borrowing SecretBytes) {
    guard entropy.count == Self.entropyByteCount else { return nil }
    Sodium.prepare()
    let identity = SigningKey(seed: Self.derive(.identity, from: entropy))
    let transport = SigningKey(seed: Self.derive(.transport, from: entropy))
    guard let identity, let transport else { return nil }
    self.identity = identity
    self.transport = transport
    exchange = ExchangeKey(checked: Self.derive(.exchange, from: entropy))
  }

  private static func derive(
    _ purpose: Purpose, from entropy: borrowing SecretBytes
  ) -> SecretBytes {
    var key = SecretBytes(count: 32)
    key.withUnsafeMutableBytes { key in
      entropy.withUnsafeBytes { entropy in
        _ = crypto_kdf_derive_from_key(
          key.requiredOctets, key.count, purpose.rawValue, context, entropy.requiredOctets)
      }
    }
    return key
  }
}

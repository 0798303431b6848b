import CBOR
import Merge
import Signing

/// What a session may do.
public enum SessionScope: String, CaseIterable, Sendable {
  /// Everything that the account may do; needs the identity key, which needs an unlocked device.
  case full
  /// Pull and report purges; the transport key of a locked device is enough.
  case pull
}

extension SessionRequest {
  /// What the device signs. It names the server's key, so that one server cannot relay a session to
  /// another.
  public static func message(
    server: SigningPublicKey, account: AccountID, device: DeviceID, scope: SessionScope,
    nonce: [UInt8]
  ) -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 5)
    writer.octets(server)
    writer.id(account)
    writer.id(device)
    writer.word(scope)
    writer.bytes(nonce)
    return writer.bytes
  }
}

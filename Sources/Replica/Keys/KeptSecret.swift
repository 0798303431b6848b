import Sealing
import Signing
import SyncProtocol

/// A secret that was handed out or received, with what belongs to it: sealed as one, in secret memory
/// on the way.
struct KeptSecret {
  /// What belongs to it, without a secret.
  let open: [UInt8]
  let secret: SharedSecret

  init(open: [UInt8], secret: SharedSecret) {
    self.open = open
    self.secret = secret
  }

  /// - Parameter name: as it was sealed.
  /// - Throws: `authenticationFailed` where it was sealed under another name or key, or altered.
  init(
    opening sealed: [UInt8], as name: String, key: SymmetricKey
  ) throws(SealingError) {
    let bytes = try KeyRingEntry.open(sealed, name: name, key: key)
    let parts: (SharedSecret, [UInt8])? = bytes.withUnsafeBytes { bytes in
      guard bytes.count >= SharedSecret.byteCount else { return nil }
      let secret = UnsafeRawBufferPointer(rebasing: bytes[..<SharedSecret.byteCount])
      return SharedSecret(copying: secret).map { ($0, Array(bytes[SharedSecret.byteCount...])) }
    }
    guard let parts else { throw .malformed }
    (secret, open) = parts
  }

  /// - Parameter name: what it is; it opens under no other.
  /// - Precondition: no longer than an entry of a key ring.
  func sealed(as name: String, key: SymmetricKey, random: any RandomSource) -> [UInt8] {
    var bytes = SecretBytes(count: SharedSecret.byteCount + open.count)
    bytes.withUnsafeMutableBytes { bytes in
      secret.withBytes { bytes.copyMemory(from: $0) }
      UnsafeMutableRawBufferPointer(rebasing: bytes[SharedSecret.byteCount...])
        .copyBytes(from: open)
    }
    return KeyRingEntry.seal(bytes, name: name, key: key, random: random)
  }
}

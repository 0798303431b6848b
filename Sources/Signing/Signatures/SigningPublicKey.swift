import CSodium

/// An Ed25519 public key (RFC 8032 §5.1.5). Whether it is a point, ``verify(_:of:)`` checks.
public struct SigningPublicKey: OctetString, Comparable {
  public static let byteCount = Inline32.byteCount
  private let storage: Inline32

  init(filling body: (UnsafeMutableRawBufferPointer) -> Void) {
    storage = Inline32(filling: body)
  }

  public init?(_ bytes: some Collection<UInt8>) {
    guard let storage = Inline32(bytes) else { return nil }
    self.storage = storage
  }

  /// Whether `signature` is this key's over `message` (RFC 8032 §5.1.7).
  ///
  /// Refuses what RFC 8032 leaves open: keys of small order, encodings that are not canonical, and
  /// scalars beyond the group's order. So one signature cannot be turned into another.
  public func verify(_ signature: Signature, of message: [UInt8]) -> Bool {
    message.withUnsafeBytes { verify(signature, of: $0) }
  }

  /// As ``verify(_:of:)-(_,[UInt8])``, of bytes in place.
  public func verify(_ signature: Signature, of message: UnsafeRawBufferPointer) -> Bool {
    guard let known = VerifiedSignatures.known else { return isValid(signature, of: message) }
    var hasher = Hasher256(domain: VerifiedSignatures.domain)
    withUnsafeBytes { hasher.update($0) }
    signature.withUnsafeBytes { hasher.update($0) }
    hasher.update(message)
    let digest = hasher.finalize()
    if known.holds(digest) { return true }
    guard isValid(signature, of: message) else { return false }
    known.insert(digest)
    return true
  }

  private func isValid(_ signature: Signature, of message: UnsafeRawBufferPointer) -> Bool {
    Sodium.prepare()
    return storage.withUnsafeBytes { key in
      signature.withUnsafeBytes { signature in
        crypto_sign_verify_detached(
          signature.octets!, message.octets, UInt64(message.count), key.octets!) == 0
      }
    }
  }

  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try storage.withUnsafeBytes(body)
  }

  public static func < (left: Self, right: Self) -> Bool { left.storage < right.storage }
}

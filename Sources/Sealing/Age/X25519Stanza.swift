import Signing

/// A file key wrapped for one X25519 key (age-encryption.org/v1, "The X25519 recipient type").
///
/// On its own, as ``wrap(_:to:random:)`` gives it, it is the wrap that a share releases.
public enum X25519Stanza {
  static let type = "X25519"
  private static let info = Array("age-encryption.org/v1/X25519".utf8)

  /// The stanza's text: two lines, 98 bytes.
  ///
  /// Throws `weakRecipient` for a recipient of low order.
  public static func wrap(
    _ fileKey: FileKey, to recipient: ExchangePublicKey, random: any RandomSource
  ) throws(AgeError) -> [UInt8] {
    try seal(fileKey, to: recipient, random: random).encoded
  }

  /// The file key in a text that ``wrap(_:to:random:)`` made for `key`; nothing else may follow.
  ///
  /// Throws `headerMalformed` (also for a share of low order) and `noIdentityMatched`.
  public static func unwrap(
    _ bytes: [UInt8], with key: ExchangeKey
  ) throws(AgeError) -> FileKey {
    guard bytes.count <= byteCount else { throw .headerMalformed }
    var lines = AgeLines(bytes[...])
    guard let line = lines.next() else { throw .headerMalformed }
    let stanza = try AgeStanza.parse(line, body: &lines)
    guard lines.rest.isEmpty, stanza.type == type else { throw .headerMalformed }
    guard let fileKey = try open(stanza, with: key) else { throw .noIdentityMatched }
    return fileKey
  }

  /// How many bytes a wrap has: two lines with 32 bytes each in 43 characters.
  public static let byteCount = 98

  static func seal(
    _ fileKey: FileKey, to recipient: ExchangePublicKey, random: any RandomSource
  ) throws(AgeError) -> AgeStanza {
    let stanza: AgeStanza? = withWipedMemory(byteCount: X25519.byteCount) { ephemeral in
      random.fill(ephemeral)
      let secret = UnsafeRawBufferPointer(ephemeral)
      let share = X25519.publicKey(of: secret)
      let body = withWrapKey(secret, peer: recipient, share: share, recipient: recipient) {
        WrappedFileKey.seal(fileKey, key: $0)
      }
      guard let body else { return nil }
      let text = String(decoding: AgeBase64.encode(share.bytes, .unpadded), as: UTF8.self)
      return AgeStanza(arguments: [type, text], body: body)
    }
    guard let stanza else { throw .weakRecipient }
    return stanza
  }

  /// The file key, or `nil` if the stanza is for another key.
  static func open(_ stanza: AgeStanza, with key: ExchangeKey) throws(AgeError) -> FileKey? {
    let share = try parts(of: stanza)
    let result: FileKey?? = key.withSecret { secret in
      secret.withUnsafeBytes { secret in
        withWrapKey(secret, peer: share, share: share, recipient: key.publicKey) {
          WrappedFileKey.open(stanza.body, key: $0)
        }
      }
    }
    guard let fileKey = result else { throw .headerMalformed }
    return fileKey
  }

  /// The share, once the stanza's form is checked.
  static func parts(of stanza: AgeStanza) throws(AgeError) -> ExchangePublicKey {
    guard stanza.arguments.count == 2, stanza.body.count == WrappedFileKey.byteCount,
      let bytes = AgeBase64.decode(Array(stanza.arguments[1].utf8)[...], .unpadded),
      let share = ExchangePublicKey(bytes)
    else { throw .headerMalformed }
    return share
  }

  /// `nil` if the shared secret is zero: somebody chose a point of low order.
  private static func withWrapKey<Result>(
    _ secret: UnsafeRawBufferPointer, peer: ExchangePublicKey, share: ExchangePublicKey,
    recipient: ExchangePublicKey, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result? {
    withWipedMemory(byteCount: 2 * X25519.byteCount) { memory in
      let shared = UnsafeMutableRawBufferPointer(rebasing: memory[..<X25519.byteCount])
      let key = UnsafeMutableRawBufferPointer(rebasing: memory[X25519.byteCount...])
      guard X25519.sharedSecret(secret, peer, into: shared) else { return nil }
      (share.bytes + recipient.bytes).withUnsafeBytes { salt in
        info.withUnsafeBytes {
          HKDF.derive(secret: UnsafeRawBufferPointer(shared), salt: salt, info: $0, into: key)
        }
      }
      return body(UnsafeRawBufferPointer(key))
    }
  }
}

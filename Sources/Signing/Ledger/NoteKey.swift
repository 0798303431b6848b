import CSodium

/// Who signs notes: a name and an Ed25519 public key (C2SP signed-note, signature type 0x01).
public struct NoteKey: Hashable, Sendable {
  /// The longest name, in bytes of UTF-8.
  public static let nameByteCountMax = 255

  /// Not empty; without spaces, control characters or `+`.
  public let name: String

  public let publicKey: SigningPublicKey

  /// `nil` unless `name` can be a key's name.
  public init?(name: String, publicKey: SigningPublicKey) {
    guard Self.isValid(name) else { return nil }
    self.name = name
    self.publicKey = publicKey
  }

  /// The first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key). Tells a reader which key to
  /// try; proves nothing.
  public var id: UInt32 {
    let input = Array(name.utf8) + [0x0A, 0x01] + publicKey.bytes
    var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
    crypto_hash_sha256(&hash, input, UInt64(input.count))
    return hash.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  static func isValid(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= nameByteCountMax
      && name.unicodeScalars.allSatisfy { scalar in
        scalar.value >= 0x20 && scalar.value != 0x7F && scalar != "+"
          && !scalar.properties.isWhitespace
      }
  }
}

import Signing

/// Who opens an age file.
public enum AgeIdentity: Sendable {
  /// An X25519 key, `AGE-SECRET-KEY-1…`.
  case key(ExchangeKey)
  /// A passphrase. Files that ask for more than `workFactorMax` (the logarithm to base 2 of
  /// scrypt's cost, at most 30) are refused before the work.
  case passphrase(Passphrase, workFactorMax: Int)

  /// What the age tool accepts too: up to 4 GiB of memory, and half a minute.
  public static let defaultWorkFactorMax = 22

  /// The file key, or `nil` if the stanza is for somebody else.
  func unwrap(_ stanza: AgeStanza) throws(AgeError) -> FileKey? {
    switch (self, stanza.type) {
    case (.key(let key), X25519Stanza.type):
      return try X25519Stanza.open(stanza, with: key)
    case (.passphrase(let passphrase, let workFactorMax), ScryptStanza.type):
      precondition((1...30).contains(workFactorMax), "a work factor's limit")
      return try ScryptStanza.open(stanza, passphrase: passphrase, workFactorMax: workFactorMax)
    default:
      return nil
    }
  }
}

extension ExchangeKey {
  /// The key as an age identity, `AGE-SECRET-KEY-1…`, in ASCII.
  public var ageIdentity: SecretBytes {
    var text = SecretBytes(count: Bech32.identity.textCount(byteCount: Self.secretByteCount))
    text.withUnsafeMutableBytes { text in
      withSecret { secret in
        secret.withUnsafeBytes { Bech32.identity.encode($0, into: text) }
      }
    }
    return text
  }

  /// Reads `AGE-SECRET-KEY-1…`, in upper case as age writes it. Throws `keyMalformed`.
  public convenience init(ageIdentity text: UnsafeRawBufferPointer) throws(AgeError) {
    var secret = SecretBytes(count: Self.secretByteCount)
    let isValid = secret.withUnsafeMutableBytes { Bech32.identity.decode(text, into: $0) }
    guard isValid else { throw .keyMalformed }
    self.init(checked: secret)
  }
}

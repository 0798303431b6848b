import Signing

/// Whom an age file is sealed for.
public enum AgeRecipient: Sendable {
  /// An X25519 key, `age1…`.
  case key(ExchangePublicKey)
  /// A passphrase, which has to be the only recipient. `workFactor` is the logarithm to base 2 of
  /// scrypt's cost, 1 to 22; see ``defaultWorkFactor``.
  case passphrase(Passphrase, workFactor: Int)

  /// About a second and 256 MiB.
  public static let defaultWorkFactor = 18

  /// Reads `age1…`. Throws `keyMalformed`.
  public init(text: String) throws(AgeError) {
    self = .key(try ExchangePublicKey(ageRecipient: text))
  }

  var isPassphrase: Bool {
    switch self {
    case .key: false
    case .passphrase: true
    }
  }

  func wrap(_ fileKey: FileKey, random: any RandomSource) throws(AgeError) -> AgeStanza {
    switch self {
    case .key(let key):
      return try X25519Stanza.seal(fileKey, to: key, random: random)
    case .passphrase(let passphrase, let workFactor):
      precondition((1...AgeIdentity.defaultWorkFactorMax).contains(workFactor), "a work factor")
      return try ScryptStanza.seal(
        fileKey, passphrase: passphrase, workFactor: workFactor, random: random)
    }
  }
}

extension ExchangePublicKey {
  /// The key as an age recipient, `age1…`.
  public var ageRecipient: String {
    withUnsafeBytes { bytes in
      let count = Bech32.recipient.textCount(byteCount: bytes.count)
      return withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { text in
        Bech32.recipient.encode(bytes, into: text)
        return String(decoding: text, as: UTF8.self)
      }
    }
  }

  /// Reads `age1…`, in lower case as age writes it. Throws `keyMalformed`.
  public init(ageRecipient text: String) throws(AgeError) {
    let text = Array(text.utf8)
    let key: ExchangePublicKey? = withUnsafeTemporaryAllocation(
      byteCount: Self.byteCount, alignment: 16
    ) { bytes in
      guard text.withUnsafeBytes({ Bech32.recipient.decode($0, into: bytes) }) else { return nil }
      return ExchangePublicKey(UnsafeRawBufferPointer(bytes))
    }
    guard let key else { throw .keyMalformed }
    self = key
  }
}

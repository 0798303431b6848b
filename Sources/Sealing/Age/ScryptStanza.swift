import CSodium
import Signing

/// A file key wrapped under a passphrase (age-encryption.org/v1, "The scrypt recipient type").
enum ScryptStanza {
  static let type = "scrypt"
  private static let saltByteCount = 16
  private static let saltPrefix = Array("age-encryption.org/v1/scrypt".utf8)

  /// A stanza's arguments, once its form is checked.
  struct Parts {
    let salt: [UInt8]
    /// The logarithm to base 2 of scrypt's N; `Int.max` where it is beyond reason.
    let workFactor: Int
  }

  static func seal(
    _ fileKey: FileKey, passphrase: Passphrase, workFactor: Int, random: any RandomSource
  ) throws(AgeError) -> AgeStanza {
    let salt = random.bytes(saltByteCount)
    var key = SecretBytes(count: ChaCha20Poly1305.keyByteCount)
    guard derive(passphrase, salt: salt, workFactor: workFactor, into: &key) else {
      throw .outOfMemory
    }
    let text = String(decoding: AgeBase64.encode(salt, .unpadded), as: UTF8.self)
    return AgeStanza(
      arguments: [type, text, String(workFactor)],
      body: key.withUnsafeBytes { WrappedFileKey.seal(fileKey, key: $0) })
  }

  /// The file key, or `nil` if the passphrase is another.
  static func open(
    _ stanza: AgeStanza, passphrase: Passphrase, workFactorMax: Int
  ) throws(AgeError) -> FileKey? {
    let parts = try parts(of: stanza)
    guard parts.workFactor <= workFactorMax else { throw .workFactorTooHigh }
    var key = SecretBytes(count: ChaCha20Poly1305.keyByteCount)
    guard derive(passphrase, salt: parts.salt, workFactor: parts.workFactor, into: &key) else {
      throw .outOfMemory
    }
    return key.withUnsafeBytes { WrappedFileKey.open(stanza.body, key: $0) }
  }

  static func parts(of stanza: AgeStanza) throws(AgeError) -> Parts {
    guard stanza.arguments.count == 3, stanza.body.count == WrappedFileKey.byteCount,
      let salt = AgeBase64.decode(Array(stanza.arguments[1].utf8)[...], .unpadded),
      salt.count == saltByteCount, let workFactor = number(stanza.arguments[2])
    else { throw .headerMalformed }
    return Parts(salt: salt, workFactor: workFactor)
  }

  /// `^[1-9][0-9]*$`, and nothing else that a number's parser would take.
  private static func number(_ text: String) -> Int? {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard text.utf8.first != digits.lowerBound, text.utf8.allSatisfy(digits.contains) else {
      return nil
    }
    return Int(text) ?? Int.max
  }

  /// scrypt with r = 8 and p = 1 (RFC 7914 §6). `false` if there is not enough memory:
  /// 2^(work factor + 10) bytes.
  private static func derive(
    _ passphrase: Passphrase, salt: [UInt8], workFactor: Int, into key: inout SecretBytes
  ) -> Bool {
    Sodium.prepare()
    let salt = saltPrefix + salt
    return key.withUnsafeMutableBytes { key in
      passphrase.withBytes { passphrase in
        crypto_pwhash_scryptsalsa208sha256_ll(
          passphrase.requiredOctets, passphrase.count, salt, salt.count, 1 << UInt64(workFactor),
          8, 1, key.requiredOctets, key.count) == 0
      }
    }
  }
}

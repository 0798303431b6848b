import CSodium

/// Keyed BLAKE2b-256 (RFC 7693 §2.9, libsodium `crypto_generichash` with a key): a message
/// authentication code.
public enum MessageCode {
  /// - Parameter key: 16 to 64 bytes.
  public static func code(for message: [UInt8], key: UnsafeRawBufferPointer) -> Digest {
    precondition(
      (Int(crypto_generichash_KEYBYTES_MIN)...Int(crypto_generichash_KEYBYTES_MAX))
        .contains(key.count), "a BLAKE2b key has 16 to 64 bytes")
    Sodium.prepare()
    return Digest { code in
      let status = crypto_generichash(
        code.octets, code.count, message, UInt64(message.count), key.octets, key.count)
      precondition(status == 0, "crypto_generichash takes these sizes")
    }
  }

  /// Compares in constant time.
  public static func isValid(
    _ code: Digest, for message: [UInt8], key: UnsafeRawBufferPointer
  ) -> Bool {
    let expected = Self.code(for: message, key: key).bytes
    return sodium_memcmp(expected, code.bytes, expected.count) == 0
  }
}

import CSodium
import Signing

/// HMAC-SHA-256 (RFC 2104, FIPS 198-1): a code that only holders of the key can make or check.
///
/// As a commitment it binds to key and message, for keys of one length.
enum HMAC {
  /// How many bytes a code has.
  static let codeByteCount = 32

  /// The code of `message`. The key may have any length; 32 random bytes are right.
  static func code(for message: [UInt8], key: UnsafeRawBufferPointer) -> Digest {
    message.withUnsafeBytes { message in
      withUnsafeTemporaryAllocation(byteCount: codeByteCount, alignment: 16) { output in
        compute(key: key, message, into: output)
        guard let digest = Digest(UnsafeRawBufferPointer(output)) else {
          preconditionFailure("a code has the size of a digest")
        }
        return digest
      }
    }
  }

  /// The code of `message`.
  static func code(for message: [UInt8], key: borrowing SecretBytes) -> Digest {
    key.withUnsafeBytes { code(for: message, key: $0) }
  }

  /// Whether `code` is the code of `message`, compared in constant time.
  static func isValid(
    _ code: Digest, for message: [UInt8], key: UnsafeRawBufferPointer
  ) -> Bool {
    ConstantTime.areEqual(self.code(for: message, key: key), code)
  }

  /// Writes the code of the parts in a row, without delimiters, into `output`. `output` may lie
  /// over a part.
  static func compute(
    key: UnsafeRawBufferPointer, _ first: UnsafeRawBufferPointer,
    _ second: UnsafeRawBufferPointer = .empty, _ third: UnsafeRawBufferPointer = .empty,
    into output: UnsafeMutableRawBufferPointer
  ) {
    precondition(output.count == codeByteCount, "a code has 32 bytes")
    Sodium.prepare()
    var state = crypto_auth_hmacsha256_state()
    defer { sodium_memzero(&state, MemoryLayout<crypto_auth_hmacsha256_state>.size) }
    // An empty key still needs an address.
    let start = key.octets ?? UnsafePointer(output.requiredOctets)
    crypto_auth_hmacsha256_init(&state, start, key.count)
    for part in [first, second, third] where !part.isEmpty {
      crypto_auth_hmacsha256_update(&state, part.octets, UInt64(part.count))
    }
    crypto_auth_hmacsha256_final(&state, output.requiredOctets)
  }
}

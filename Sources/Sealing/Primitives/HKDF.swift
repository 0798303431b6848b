import Signing

/// HKDF-SHA-256 (RFC 5869): keys of any length for any number of purposes from one secret.
///
/// The secret has to be hard to guess already. For passwords see ``PasswordKey``.
enum HKDF {
  /// The longest output, in bytes (RFC 5869 §2.3).
  static let outputByteCountMax = 255 * HMAC.codeByteCount

  /// Fills `output` with key material for the purpose that `info` names.
  ///
  /// - Parameters:
  ///   - salt: not secret; empty is allowed and means 32 zero bytes (RFC 5869 §2.2).
  ///   - output: at most ``outputByteCountMax`` bytes; more is a bug in the caller.
  static func derive(
    secret: UnsafeRawBufferPointer, salt: UnsafeRawBufferPointer, info: UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer
  ) {
    withWipedMemory(byteCount: HMAC.codeByteCount) { pseudoRandomKey in
      // Extract, §2.2. An empty HMAC key is the same as 32 zero bytes.
      HMAC.compute(key: salt, secret, into: pseudoRandomKey)
      expand(UnsafeRawBufferPointer(pseudoRandomKey), info: info, into: output)
    }
  }

  /// `byteCount` bytes of key material for the purpose that `info` names, in memory of their own.
  static func derive(
    secret: UnsafeRawBufferPointer, salt: [UInt8] = [], info: String, byteCount: Int = 32
  ) -> SecretBytes {
    let info = Array(info.utf8)
    var result = SecretBytes(count: byteCount)
    result.withUnsafeMutableBytes { output in
      salt.withUnsafeBytes { salt in
        info.withUnsafeBytes { derive(secret: secret, salt: salt, info: $0, into: output) }
      }
    }
    return result
  }

  /// Expand, §2.3: T(n) = HMAC(key, T(n-1) ‖ info ‖ n).
  static func expand(
    _ key: UnsafeRawBufferPointer, info: UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer
  ) {
    precondition(output.count <= outputByteCountMax, "HKDF gives at most 255 blocks")
    withWipedMemory(byteCount: HMAC.codeByteCount) { block in
      var offset = 0
      var counter: UInt8 = 0
      while offset < output.count {
        counter += 1
        let previous = counter == 1 ? .empty : UnsafeRawBufferPointer(block)
        withUnsafeBytes(of: counter) {
          HMAC.compute(key: key, previous, info, $0, into: block)
        }
        let count = min(block.count, output.count - offset)
        UnsafeMutableRawBufferPointer(rebasing: output[offset..<offset + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: block[..<count]))
        offset += count
      }
    }
  }
}

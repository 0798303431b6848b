import Signing

/// One secret of the key ring, sealed apart from the others under the password's key, so that a
/// purge can delete it while the ring is locked. So are other small secrets that a device keeps,
/// under a key of the ring.
///
/// `suite 0x01 ‖ nonce (24) ‖ XChaCha20-Poly1305(secret)` under
/// `HKDF(password key, "satchel/1/key-ring")`, with the entry's name as associated data: an entry
/// does not open under another name.
public enum KeyRingEntry {
  /// The longest secret, in bytes.
  public static let secretByteCountMax = 4096

  /// How many bytes an entry has more than its secret.
  public static let overheadByteCount = contentOffset + XChaCha20Poly1305.tagByteCount

  private static let contentOffset = 1 + XChaCha20Poly1305.nonceByteCount

  /// Seals a secret of at most ``secretByteCountMax`` bytes; a longer one is a bug in the caller.
  public static func seal(
    _ secret: borrowing SecretBytes, name: String, key: SymmetricKey, random: any RandomSource
  ) -> [UInt8] {
    precondition(secret.count <= secretByteCountMax, "an entry holds a small secret")
    let nonce = random.bytes(XChaCha20Poly1305.nonceByteCount)
    let head = [Suite.one] + nonce
    let total = secret.count + overheadByteCount
    return secret.withUnsafeBytes { secret in
      [UInt8](unsafeUninitializedCapacity: total) { output, count in
        let output = UnsafeMutableRawBufferPointer(output)
        output.copyBytes(from: head)
        let sealed = UnsafeMutableRawBufferPointer(rebasing: output[contentOffset..<total])
        associatedData(name).withUnsafeBytes { associatedData in
          nonce.withUnsafeBytes { nonce in
            subKey(key).withBytes { key in
              XChaCha20Poly1305.seal(
                secret, key: key, nonce: nonce, associatedData: associatedData, into: sealed)
            }
          }
        }
        count = total
      }
    }
  }

  /// Opens an entry. Throws `unknownSuite`, `malformed`, `tooLarge` and `authenticationFailed`: the
  /// password may be wrong, or the entry altered.
  public static func open(
    _ entry: [UInt8], name: String, key: SymmetricKey
  ) throws(SealingError) -> SecretBytes {
    try Suite.check(entry)
    guard entry.count >= overheadByteCount else { throw .malformed }
    guard entry.count <= secretByteCountMax + overheadByteCount else { throw .tooLarge }
    var secret = SecretBytes(count: entry.count - overheadByteCount)
    let isAuthentic = secret.withUnsafeMutableBytes { output in
      entry.withUnsafeBytes { entry in
        associatedData(name).withUnsafeBytes { associatedData in
          subKey(key).withBytes { key in
            XChaCha20Poly1305.open(
              UnsafeRawBufferPointer(rebasing: entry[contentOffset...]), key: key,
              nonce: UnsafeRawBufferPointer(rebasing: entry[1..<contentOffset]),
              associatedData: associatedData, into: output)
          }
        }
      }
    }
    guard isAuthentic else { throw .authenticationFailed }
    return secret
  }

  private static func associatedData(_ name: String) -> [UInt8] {
    [Suite.one] + Array(name.utf8)
  }

  private static func subKey(_ key: SymmetricKey) -> SymmetricKey {
    key.subKey(info: "satchel/1/key-ring")
  }
}

import Signing

/// The file key as the native stanzas' bodies hold it: ChaCha20-Poly1305 under a key that is used
/// once, with twelve zero bytes as nonce.
enum WrappedFileKey {
  static let byteCount = FileKey.byteCount + ChaCha20Poly1305.tagByteCount

  static func seal(_ fileKey: FileKey, key: UnsafeRawBufferPointer) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
      let output = UnsafeMutableRawBufferPointer(start: output.baseAddress, count: byteCount)
      fileKey.withBytes { fileKey in
        fileKey.withUnsafeBytes { fileKey in
          ChaCha20Poly1305.zeroNonce.withUnsafeBytes { nonce in
            ChaCha20Poly1305.seal(fileKey, key: key, nonce: nonce, into: output)
          }
        }
      }
      count = byteCount
    }
  }

  /// `nil` if it was sealed under another key. `body` has ``byteCount`` bytes: the size is checked
  /// before, against partitioning oracles.
  static func open(_ body: [UInt8], key: UnsafeRawBufferPointer) -> FileKey? {
    precondition(body.count == byteCount, "a wrapped file key has 32 bytes")
    var fileKey = SecretBytes(count: FileKey.byteCount)
    let isOpen = fileKey.withUnsafeMutableBytes { fileKey in
      body.withUnsafeBytes { body in
        ChaCha20Poly1305.zeroNonce.withUnsafeBytes { nonce in
          ChaCha20Poly1305.open(body, key: key, nonce: nonce, into: fileKey)
        }
      }
    }
    return isOpen ? FileKey(checked: fileKey) : nil
  }
}

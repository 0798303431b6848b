import Signing

/// The layout that everything sealed under an epoch's key has:
///
/// | bytes | what |
/// |---|---|
/// | 1 | suite |
/// | 8 | epoch hint: which key to try, a name and not a proof |
/// | 24 | nonce |
/// | the rest | XChaCha20-Poly1305 ciphertext and tag |
///
/// Suite and hint go before the caller's associated data, so nothing in front can be exchanged.
enum EpochBox {
  static let hintByteCount = 8
  static let headByteCount = 1 + hintByteCount
  static let contentOffset = headByteCount + XChaCha20Poly1305.nonceByteCount
  static let overheadByteCount = contentOffset + XChaCha20Poly1305.tagByteCount

  /// Seals `byteCount` bytes that `write` puts into the buffer it is given.
  static func seal(
    byteCount: Int, key: SymmetricKey, epochHint: [UInt8], associatedData: [UInt8],
    random: any RandomSource, write: (UnsafeMutableRawBufferPointer) -> Void
  ) -> [UInt8] {
    precondition(epochHint.count == hintByteCount, "an epoch hint has 8 bytes")
    var bound: [UInt8] = []
    bound.reserveCapacity(headByteCount + associatedData.count)
    bound.append(Suite.one)
    bound.append(contentsOf: epochHint)
    bound.append(contentsOf: associatedData)
    let total = byteCount + overheadByteCount
    return [UInt8](unsafeUninitializedCapacity: total) { output, count in
      let output = UnsafeMutableRawBufferPointer(output)
      output.copyBytes(from: bound[..<headByteCount])
      let nonce = UnsafeMutableRawBufferPointer(rebasing: output[headByteCount..<contentOffset])
      random.fill(nonce)
      let sealed = UnsafeMutableRawBufferPointer(rebasing: output[contentOffset..<total])
      let content = UnsafeMutableRawBufferPointer(rebasing: sealed[..<byteCount])
      write(content)
      bound.withUnsafeBytes { bound in
        key.withBytes { key in
          XChaCha20Poly1305.seal(
            UnsafeRawBufferPointer(content), key: key, nonce: UnsafeRawBufferPointer(nonce),
            associatedData: bound, into: sealed)
        }
      }
      count = total
    }
  }

  /// How many bytes ``open(_:key:associatedData:into:)`` gives for `sealed`.
  static func contentByteCount(
    _ sealed: [UInt8], max contentByteCountMax: Int
  ) throws(SealingError) -> Int {
    try Suite.check(sealed)
    guard sealed.count >= overheadByteCount else { throw .malformed }
    guard sealed.count <= contentByteCountMax + overheadByteCount else { throw .tooLarge }
    return sealed.count - overheadByteCount
  }

  /// Writes the plaintext into `output`, or nothing. `sealed` has passed
  /// ``contentByteCount(_:max:)``.
  static func open(
    _ sealed: [UInt8], key: SymmetricKey, associatedData: [UInt8],
    into output: UnsafeMutableRawBufferPointer
  ) -> Bool {
    (sealed[..<headByteCount] + associatedData).withUnsafeBytes { associatedData in
      sealed.withUnsafeBytes { sealed in
        key.withBytes { key in
          XChaCha20Poly1305.open(
            UnsafeRawBufferPointer(rebasing: sealed[contentOffset...]), key: key,
            nonce: UnsafeRawBufferPointer(rebasing: sealed[headByteCount..<contentOffset]),
            associatedData: associatedData, into: output)
        }
      }
    }
  }

  /// The hint of `sealed`, or `nil` if it is too short or of an unknown suite.
  static func epochHint(of sealed: [UInt8]) -> [UInt8]? {
    guard sealed.count >= overheadByteCount, sealed[0] == Suite.one else { return nil }
    return Array(sealed[1..<headByteCount])
  }
}

import CSodium
import Signing

/// The one-time key of an age payload's first and last chunk (RFC 8439 §2.5, §2.6), derived by hand.
struct Poly1305Key {
  private let factor: Residue
  let pad: Residue
  private let pad128: UInt128

  init(fileKey: [UInt8], nonce: [UInt8]) {
    Sodium.prepare()
    // HKDF-SHA-256 with one block of output (RFC 5869).
    let extracted = Self.code(fileKey, key: nonce)
    let key = Self.code(Array("payload".utf8) + [1], key: extracted)
    var stream = [UInt8](repeating: 0, count: 32)
    let chunkNonce = [UInt8](repeating: 0, count: 11) + [1]
    _ = crypto_stream_chacha20_ietf(&stream, UInt64(stream.count), chunkNonce, key)
    let mask: UInt128 = 0x0fff_fffc_0fff_fffc_0fff_fffc_0fff_ffff
    factor = Residue(Self.number(stream[..<16]) & mask)
    pad128 = Self.number(stream[16...])
    pad = Residue(pad128)
  }

  private static func code(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    var state = crypto_auth_hmacsha256_state()
    var code = [UInt8](repeating: 0, count: 32)
    crypto_auth_hmacsha256_init(&state, key, key.count)
    crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
    crypto_auth_hmacsha256_final(&state, &code)
    return code
  }

  func power(_ exponent: Int) -> Residue {
    (0..<exponent).reduce(Residue(1)) { result, _ in result.times(factor) }
  }

  func sum(_ blocks: [[UInt8]]) -> Residue {
    blocks.reduce(Residue(0)) { sum, block in
      sum.plus(Residue(Self.number(block[...]), high: 1)).times(factor)
    }
  }

  func tag(_ blocks: [[UInt8]]) -> [UInt8] {
    let tag = sum(blocks).low128 &+ pad128
    return (0..<16).map { UInt8(truncatingIfNeeded: tag >> ($0 * 8)) }
  }

  /// The last block of RFC 8439 §2.8: no associated data, and the ciphertext's length.
  static func lengths(byteCount: UInt8) -> [UInt8] {
    [UInt8](repeating: 0, count: 8) + [byteCount] + [UInt8](repeating: 0, count: 7)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt128 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt128($1) }
  }
}

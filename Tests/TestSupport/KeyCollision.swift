import Signing

/// One age payload that opens under two keys to two files: what the format does not prevent.
public enum KeyCollision {
  /// Of the plaintexts.
  public static let byteCount = 64

  /// A payload of one chunk of four blocks, whose tag is right under both file keys. The tag is
  /// linear in each block, so one block solves for the difference of the two polynomials.
  public static func payload(
    _ first: [UInt8], _ second: [UInt8], random: any RandomSource
  ) -> [UInt8] {
    let nonce = random.bytes(16)
    let keys = [first, second].map { Poly1305Key(fileKey: $0, nonce: nonce) }
    // The first of five blocks has the fifth power.
    let factors = keys.map { $0.power(5) }
    let inverse = factors[0].minus(factors[1]).inverse()
    while true {
      var blocks = (0..<4).map { _ in random.bytes(16) }
      blocks[0] = [UInt8](repeating: 0, count: 16)
      let sums = keys.map { $0.sum(blocks + [Poly1305Key.lengths(byteCount: 64)]) }
      let target = sums[1].plus(keys[1].pad).minus(sums[0].plus(keys[0].pad))
      // Block zero is counted as 2^128 already, so the solution is below 2^128.
      let solution = target.times(inverse)
      guard let block = solution.bytes else { continue }
      blocks[0] = block
      let tags = keys.map { $0.tag(blocks + [Poly1305Key.lengths(byteCount: 64)]) }
      // The sums agree modulo p with the pads; the carries over 2^128 may differ.
      guard tags[0] == tags[1] else { continue }
      return nonce + blocks.flatMap { $0 } + tags[0]
    }
  }
}

/// Hides the length of a sealed field: PADMÉ (Nikitin et al., "Reducing Metadata Leakage from
/// Encrypted Files", PETS 2019, §4) with a minimum of sixteen bytes.
///
/// A padded length has at most log2(log2 n) significant bits, so it tells little, and costs at most
/// 12 % (less for longer texts). The padding itself is that of ISO/IEC 7816-4: one byte 0x80, then
/// zeros.
enum Padding {
  /// The shortest padded text, in bytes.
  static let paddedByteCountMin = 16

  private static let mark: UInt8 = 0x80

  /// How many bytes a text of `byteCount` bytes has after padding. Always more than before, because
  /// of the mark.
  static func paddedCount(_ byteCount: Int) -> Int {
    precondition(byteCount >= 0 && byteCount < Int.max / 4, "a length out of range")
    return max(roundedUp(byteCount + 1), paddedByteCountMin)
  }

  /// `text`, the mark and the zeros.
  static func pad(_ text: [UInt8]) -> [UInt8] {
    var padded = [UInt8](repeating: 0, count: paddedCount(text.count))
    padded.withUnsafeMutableBytes { padded in
      padded.copyBytes(from: text)
      fill(padded, after: text.count)
    }
    return padded
  }

  /// The text inside, or `nil` unless ``pad(_:)`` made `padded`.
  static func unpad(_ padded: [UInt8]) -> [UInt8]? {
    guard let count = padded.withUnsafeBytes({ unpaddedCount($0) }) else { return nil }
    return Array(padded[..<count])
  }

  /// How many bytes of `padded` are text. Only for texts that are already known to be authentic:
  /// its time depends on the padding.
  static func unpaddedCount(_ padded: UnsafeRawBufferPointer) -> Int? {
    guard let last = padded.lastIndex(where: { $0 != 0 }), padded[last] == mark else { return nil }
    return paddedCount(last) == padded.count ? last : nil
  }

  /// Writes the mark and the zeros after the first `textByteCount` bytes.
  static func fill(_ padded: UnsafeMutableRawBufferPointer, after textByteCount: Int) {
    precondition(padded.count == paddedCount(textByteCount), "a buffer of the padded size")
    let rest = UnsafeMutableRawBufferPointer(rebasing: padded[textByteCount...])
    rest.initializeMemory(as: UInt8.self, repeating: 0)
    rest[0] = mark
  }

  /// PADMÉ: clears as many low bits, rounding up, as the length's own length allows.
  private static func roundedUp(_ byteCount: Int) -> Int {
    guard byteCount > 1 else { return byteCount }
    let exponent = floorOfLogarithm(byteCount)
    let significantBits = floorOfLogarithm(exponent) + 1
    let mask = (1 << max(exponent - significantBits, 0)) - 1
    return (byteCount + mask) & ~mask
  }

  private static func floorOfLogarithm(_ value: Int) -> Int {
    value <= 1 ? 0 : Int.bitWidth - 1 - value.leadingZeroBitCount
  }
}

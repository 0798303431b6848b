import CSodium

/// Standard base 64 (RFC 4648 §4), strict: one text for each string of bytes.
public enum Base64 {
  private static let variant = sodium_base64_VARIANT_ORIGINAL

  /// Text with padding and without line ends.
  public static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
    let capacity = sodium_base64_encoded_len(bytes.count, variant)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { text in
      guard let start = text.baseAddress else { return "" }
      sodium_bin2base64(start, capacity, bytes.octets, bytes.count, variant)
      return String(decoding: UnsafeRawBufferPointer(text).dropLast(), as: UTF8.self)
    }
  }

  /// Text with padding and without line ends.
  public static func encode(_ bytes: [UInt8]) -> String {
    bytes.withUnsafeBytes { encode($0) }
  }

  /// The bytes, or `nil` unless `text` is what ``encode(_:)-([UInt8])`` makes of them: padded, no
  /// spaces, no bits left over.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    // libsodium 1.0.18 takes every byte beyond ASCII for a digit.
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    let digits = text.utf8.map { CChar(truncatingIfNeeded: $0) }
    guard digits.count.isMultiple(of: 4) else { return nil }
    if digits.isEmpty { return [] }
    var isValid = true
    let bytes = [UInt8](unsafeUninitializedCapacity: digits.count / 4 * 3) { output, count in
      guard let start = output.baseAddress else { return }
      isValid =
        sodium_base642bin(
          start, output.count, digits, digits.count, nil, &count, nil, variant) == 0
      if !isValid { count = 0 }
    }
    return isValid ? bytes : nil
  }
}

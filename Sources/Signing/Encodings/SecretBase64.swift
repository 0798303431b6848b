import CSodium

/// base64url without padding (RFC 4648 §5) of what is secret: bytes and text are in secret memory.
public enum SecretBase64 {
  private static let variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING

  /// - Parameter prefix: what the text begins with.
  public static func encode(_ bytes: UnsafeRawBufferPointer, after prefix: String) -> SecretBytes {
    let head = Array(prefix.utf8)
    // libsodium ends the text with a zero.
    let capacity = sodium_base64_encoded_len(bytes.count, variant)
    var text = SecretBytes(count: head.count + capacity)
    text.withUnsafeMutableBytes { text in
      text.copyBytes(from: head)
      guard let start = text.baseAddress?.advanced(by: head.count) else { return }
      sodium_bin2base64(
        start.assumingMemoryBound(to: CChar.self), capacity, bytes.octets, bytes.count, variant)
    }
    return text.withUnsafeBytes {
      SecretBytes(copying: UnsafeRawBufferPointer(rebasing: $0.dropLast()))
    }
  }

  /// The bytes, or `nil` unless `text` is what ``encode(_:after:)`` makes of them.
  public static func decode(_ text: UnsafeRawBufferPointer) -> SecretBytes? {
    // libsodium 1.0.18 takes every byte beyond ASCII for a digit.
    guard !text.isEmpty, text.allSatisfy({ $0 < 0x80 }) else { return nil }
    var bytes = SecretBytes(count: text.count / 4 * 3 + 2)
    var count = 0
    let isValid = bytes.withUnsafeMutableBytes { bytes in
      sodium_base642bin(
        bytes.octets, bytes.count, text.baseAddress?.assumingMemoryBound(to: CChar.self),
        text.count, nil, &count, nil, variant) == 0
    }
    guard isValid else { return nil }
    return bytes.withUnsafeBytes {
      SecretBytes(copying: UnsafeRawBufferPointer(rebasing: $0[..<count]))
    }
  }
}

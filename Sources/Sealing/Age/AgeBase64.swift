import CSodium

/// Base 64 (RFC 4648 §4) as age uses it, over bytes: canonical in both forms, so that there is one
/// text for each string of bytes.
enum AgeBase64 {
  /// Header fields have no padding, armor has.
  enum Form {
    case unpadded
    case padded

    fileprivate var variant: Int32 {
      switch self {
      case .unpadded: sodium_base64_VARIANT_ORIGINAL_NO_PADDING
      case .padded: sodium_base64_VARIANT_ORIGINAL
      }
    }
  }

  static func encode(_ bytes: UnsafeRawBufferPointer, _ form: Form) -> [UInt8] {
    // libsodium counts and writes a zero after the text.
    let capacity = sodium_base64_encoded_len(bytes.count, form.variant)
    var text = [UInt8](repeating: 0, count: capacity)
    text.withUnsafeMutableBytes { text in
      let start = UnsafeMutableRawPointer(text.requiredOctets)
      _ = sodium_bin2base64(
        start.assumingMemoryBound(to: CChar.self), capacity, bytes.octets, bytes.count,
        form.variant)
    }
    text.removeLast()
    return text
  }

  static func encode(_ bytes: [UInt8], _ form: Form) -> [UInt8] {
    bytes.withUnsafeBytes { encode($0, form) }
  }

  /// `nil` unless `text` is what ``encode(_:_:)-([UInt8],_)`` makes of the result.
  static func decode(_ text: UnsafeRawBufferPointer, _ form: Form) -> [UInt8]? {
    guard !text.isEmpty else { return [] }
    // libsodium 1.0.18 takes every byte beyond ASCII for a digit.
    guard text.allSatisfy({ $0 < 0x80 }) else { return nil }
    var bytes = [UInt8](repeating: 0, count: text.count / 4 * 3 + 3)
    var count = 0
    let result = sodium_base642bin(
      &bytes, bytes.count, text.bindMemory(to: CChar.self).baseAddress, text.count, nil, &count,
      nil, form.variant)
    guard result == 0 else { return nil }
    bytes.removeSubrange(count...)
    return bytes
  }

  static func decode(_ text: ArraySlice<UInt8>, _ form: Form) -> [UInt8]? {
    text.withUnsafeBytes { decode($0, form) }
  }
}

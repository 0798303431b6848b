import CSodium
import Signing

/// Comparison in a time that does not depend on where two values differ.
enum ConstantTime {
  /// Whether both have the same bytes. The lengths are not secret: different ones return at once.
  static func areEqual(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
  ) -> Bool {
    guard left.count == right.count else { return false }
    guard let first = left.baseAddress, let second = right.baseAddress else { return true }
    return sodium_memcmp(first, second, left.count) == 0
  }

  /// Whether both have the same bytes.
  static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.withUnsafeBytes { left in right.withUnsafeBytes { areEqual(left, $0) } }
  }

  /// Whether both have the same bytes.
  static func areEqual(_ left: Digest, _ right: Digest) -> Bool {
    left.withUnsafeBytes { left in right.withUnsafeBytes { areEqual(left, $0) } }
  }
}

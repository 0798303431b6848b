/// A value of a fixed number of bytes: the shape of every identifier.
///
/// Compares as its bytes do, first byte first, so that an order by identifier is the same in Swift,
/// in SQL and on the wire.
public protocol FixedBytes: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// How many bytes every value has.
  static var byteCount: Int { get }

  /// `nil` unless there are exactly ``byteCount`` bytes.
  init?(_ bytes: some Collection<UInt8>)

  /// The bytes, first byte first.
  var bytes: [UInt8] { get }

  /// Appends the bytes, first byte first.
  func append(to bytes: inout [UInt8])
}

extension FixedBytes {
  public func append(to bytes: inout [UInt8]) { bytes.append(contentsOf: self.bytes) }
}

extension FixedBytes {
  /// Lower-case hexadecimal.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(Self.byteCount * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  public var description: String { hex }

  /// `nil` unless `hex` is exactly ``byteCount`` bytes in hexadecimal of either case.
  public init?(hex: String) {
    let digits = Array(hex.utf8)
    guard digits.count == Self.byteCount * 2 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = hexValue(digits[index]), let low = hexValue(digits[index + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    self.init(bytes)
  }
}

private func hexValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
  default: nil
  }
}

/// Reads big-endian words, so that comparing words compares bytes.
func word(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> UInt64 {
  UInt64(
    bigEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: offset, as: UInt64.self))
}

/// Identifiers are read by the thousand: byte by byte through a collection took a quarter of a pull.
func withBuffer<Result>(
  of bytes: some Collection<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
  bytes.withContiguousStorageIfAvailable(body) ?? Array(bytes).withUnsafeBufferPointer(body)
}

/// Sixteen bytes without an allocation.
public struct Bytes16: FixedBytes {
  public static let byteCount = 16
  private let high: UInt64
  private let low: UInt64

  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    (high, low) = withBuffer(of: bytes) { (word($0, at: 0), word($0, at: 8)) }
  }

  public var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(Self.byteCount)
    append(to: &result)
    return result
  }

  public func append(to bytes: inout [UInt8]) {
    withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { bytes.append(contentsOf: $0) }
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

/// Thirty-two bytes without an allocation.
public struct Bytes32: FixedBytes {
  public static let byteCount = 32
  private let first: UInt64
  private let second: UInt64
  private let third: UInt64
  private let fourth: UInt64

  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    (first, second, third, fourth) = withBuffer(of: bytes) {
      (word($0, at: 0), word($0, at: 8), word($0, at: 16), word($0, at: 24))
    }
  }

  public var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(Self.byteCount)
    append(to: &result)
    return result
  }

  public func append(to bytes: inout [UInt8]) {
    let words = (first.bigEndian, second.bigEndian, third.bigEndian, fourth.bigEndian)
    withUnsafeBytes(of: words) { bytes.append(contentsOf: $0) }
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.first, left.second, left.third, left.fourth)
      < (right.first, right.second, right.third, right.fourth)
  }
}

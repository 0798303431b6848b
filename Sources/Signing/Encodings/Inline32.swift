/// Thirty-two bytes without an allocation, in the order they have in memory.
struct Inline32: Hashable, Comparable, Sendable {
  static let byteCount = 32
  static let zero = Inline32(words: (0, 0, 0, 0))

  private var first: UInt64
  private var second: UInt64
  private var third: UInt64
  private var fourth: UInt64

  private init(words: (UInt64, UInt64, UInt64, UInt64)) {
    (first, second, third, fourth) = words
  }

  /// `body` writes all thirty-two bytes; those it leaves are zero.
  init<Failure: Error>(
    filling body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    self = .zero
    try withUnsafeMutableBytes(&self, body)
  }

  init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self = .zero
    Swift.withUnsafeMutableBytes(of: &self) { target in
      // Hashes are read by the thousand, and byte by byte through a collection is slow.
      let isCopied: Void? = bytes.withContiguousStorageIfAvailable {
        target.copyMemory(from: UnsafeRawBufferPointer($0))
      }
      if isCopied == nil { target.copyBytes(from: bytes) }
    }
  }

  func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try Swift.withUnsafeBytes(of: self, body)
  }

  /// Compares as the bytes do, first byte first.
  static func < (left: Self, right: Self) -> Bool {
    if left.first != right.first { return left.first.bigEndian < right.first.bigEndian }
    if left.second != right.second { return left.second.bigEndian < right.second.bigEndian }
    if left.third != right.third { return left.third.bigEndian < right.third.bigEndian }
    return left.fourth.bigEndian < right.fourth.bigEndian
  }
}

private func withUnsafeMutableBytes<Failure: Error>(
  _ value: inout Inline32, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
) throws(Failure) {
  try Swift.withUnsafeMutableBytes(of: &value, body)
}

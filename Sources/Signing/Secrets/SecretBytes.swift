import CSodium

/// Secret bytes in memory of their own: locked where the system allows it, between guard pages,
/// wiped when freed (`sodium_malloc`).
///
/// Cannot be copied by accident: a copy is a call of ``copy()``. The bytes are never in an array,
/// a string or a description. Each value costs at least three pages, and often some system calls (see
/// ``SecretPool``), so it is for keys and passwords, not for contents.
public struct SecretBytes: ~Copyable {
  private let address: UnsafeMutableRawPointer

  /// How many bytes there are.
  public let count: Int

  /// `count` zero bytes.
  public init(count: Int) {
    precondition(count >= 0, "a negative number of secret bytes")
    Sodium.prepare()
    guard let address = Self.zeros(count: count) else {
      preconditionFailure("no memory for \(count) secret bytes")
    }
    self.address = address
    self.count = count
  }

  /// `count` bytes drawn from `random`, which fills them in place.
  public init(count: Int, random: some RandomSource) {
    self.init(count: count)
    withUnsafeMutableBytes { random.fill($0) }
  }

  /// A copy of `source`, which stays as it is.
  public init(copying source: UnsafeRawBufferPointer) {
    self.init(count: source.count)
    withUnsafeMutableBytes { $0.copyMemory(from: source) }
  }

  /// A copy of `source`, for secrets that have to come as an array. The array is not wiped.
  public init(copying source: [UInt8]) {
    self.init(count: source.count)
    withUnsafeMutableBytes { $0.copyBytes(from: source) }
  }

  /// Moves the bytes out of `source`, which is all zeros afterwards. Copies that the array shared
  /// its memory with before are not wiped.
  public init(moving source: inout [UInt8]) {
    self.init(copying: source)
    source.withUnsafeMutableBytes { source in
      guard let sourceAddress = source.baseAddress else { return }
      sodium_memzero(sourceAddress, source.count)
    }
  }

  /// Moves the bytes out of `source`, which is all zeros afterwards.
  public init(moving source: UnsafeMutableRawBufferPointer) {
    self.init(copying: UnsafeRawBufferPointer(source))
    guard let sourceAddress = source.baseAddress else { return }
    sodium_memzero(sourceAddress, source.count)
  }

  deinit {
    if count == SecretPool.byteCount { SecretPool.giveBack(address) } else { sodium_free(address) }
  }

  /// sodium_malloc fills with a pattern of its own; a defined start is easier to reason about.
  private static func zeros(count: Int) -> UnsafeMutableRawPointer? {
    if count == SecretPool.byteCount { return SecretPool.take() }
    guard let address = sodium_malloc(count) else { return nil }
    sodium_memzero(address, count)
    return address
  }

  /// Reads the bytes. The pointer is not valid after `body` returns.
  public borrowing func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: address, count: count))
  }

  /// Changes the bytes in place. The pointer is not valid after `body` returns.
  public mutating func withUnsafeMutableBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeMutableRawBufferPointer(start: address, count: count))
  }

  /// A second value with the same bytes.
  public borrowing func copy() -> SecretBytes {
    withUnsafeBytes { SecretBytes(copying: $0) }
  }

  /// Overwrites every byte with zero, before the value's end does.
  public mutating func wipe() {
    sodium_memzero(address, count)
  }

  /// Whether both have the same bytes, in a time that depends on their number alone.
  public static func == (left: borrowing SecretBytes, right: borrowing SecretBytes) -> Bool {
    left.count == right.count && sodium_memcmp(left.address, right.address, left.count) == 0
  }

  /// The opposite of `==`, in the same time.
  public static func != (left: borrowing SecretBytes, right: borrowing SecretBytes) -> Bool {
    !(left == right)
  }
}

// Safe: the memory has exactly one owner, because the type cannot be copied, and it changes only
// through `mutating` methods, which the language makes exclusive.
extension SecretBytes: @unchecked Sendable {}

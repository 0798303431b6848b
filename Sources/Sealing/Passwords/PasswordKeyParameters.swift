import Signing

extension PasswordKey {
  /// What Argon2id needs besides the password. Not secret; kept beside what the key seals.
  ///
  /// Encoded as `suite 0x01 ‖ passes (4) ‖ memory in bytes (8) ‖ salt (16)`, numbers with the
  /// most significant byte first.
  public struct Parameters: Hashable, Sendable {
    /// Passes over the memory: RFC 9106's *t*.
    public let opsLimit: Int
    /// Memory in bytes, a multiple of 1,024: RFC 9106's *m* times 1,024.
    public let memoryByteCount: Int
    /// Sixteen random bytes, new with each password.
    public let salt: [UInt8]

    /// The second recommended option of RFC 9106 §4, and the floor: less is refused.
    public static let opsLimitMin = 3
    public static let memoryByteCountMin = 64 << 20
    /// The ceiling, so that bytes from elsewhere cannot take a device's memory or day.
    public static let opsLimitMax = 16
    public static let memoryByteCountMax = 1 << 30
    public static let saltByteCount = 16
    /// How many bytes ``encoded`` has.
    public static let byteCount = 1 + 4 + 8 + saltByteCount

    /// A new salt and the default cost.
    public init(random: any RandomSource) {
      opsLimit = Self.opsLimitMin
      memoryByteCount = Self.memoryByteCountMin
      salt = random.bytes(Self.saltByteCount)
    }

    /// A chosen cost. Throws `weakParameters`, `tooLarge`, or `malformed` for a salt of another
    /// size.
    public init(opsLimit: Int, memoryByteCount: Int, salt: [UInt8]) throws(SealingError) {
      self.opsLimit = opsLimit
      self.memoryByteCount = memoryByteCount
      self.salt = salt
      try check()
    }

    /// Decodes what ``encoded`` made. Throws `unknownSuite`, `malformed`, `weakParameters` and
    /// `tooLarge`.
    public init(encoded bytes: [UInt8]) throws(SealingError) {
      try Suite.check(bytes)
      guard bytes.count == Self.byteCount else { throw .malformed }
      let memory = Self.number(bytes[5..<13])
      guard memory <= UInt64(Self.memoryByteCountMax) else { throw .tooLarge }
      try self.init(
        opsLimit: Int(Self.number(bytes[1..<5])), memoryByteCount: Int(memory),
        salt: Array(bytes[13...]))
    }

    /// ``byteCount`` bytes.
    public var encoded: [UInt8] {
      var bytes = [Suite.one]
      withUnsafeBytes(of: UInt32(opsLimit).bigEndian) { bytes.append(contentsOf: $0) }
      withUnsafeBytes(of: UInt64(memoryByteCount).bigEndian) { bytes.append(contentsOf: $0) }
      return bytes + salt
    }

    func check() throws(SealingError) {
      guard salt.count == Self.saltByteCount, memoryByteCount.isMultiple(of: 1024) else {
        throw .malformed
      }
      guard opsLimit <= Self.opsLimitMax, memoryByteCount <= Self.memoryByteCountMax else {
        throw .tooLarge
      }
      guard opsLimit >= Self.opsLimitMin, memoryByteCount >= Self.memoryByteCountMin else {
        throw .weakParameters
      }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
      bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
  }
}

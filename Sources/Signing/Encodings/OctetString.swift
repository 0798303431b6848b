/// A public value of a fixed number of bytes: a digest, a public key, a signature.
public protocol OctetString: Hashable, Sendable, CustomStringConvertible {
  /// How many bytes every value has.
  static var byteCount: Int { get }

  /// `nil` unless there are exactly ``byteCount`` bytes.
  init?(_ bytes: some Collection<UInt8>)

  /// Reads the bytes where they are. The pointer is not valid after `body` returns.
  func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result
}

extension OctetString {
  /// The bytes, first byte first.
  public var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

  /// Lower-case hexadecimal.
  public var hex: String { withUnsafeBytes { Hex.encode($0) } }

  /// `nil` unless `hex` is exactly ``byteCount`` bytes in hexadecimal of either case.
  public init?(hex: String) {
    guard hex.utf8.count == Self.byteCount * 2, let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes)
  }

  public var description: String { hex }
}

/// A 256-bit hash. Thirty-two bytes inline; compares as its bytes do.
public struct Digest: OctetString, Comparable {
  public static let byteCount = Inline32.byteCount

  /// Thirty-two zero bytes: the predecessor of a chain's first entry. No known input hashes to it.
  public static let zero = Digest(.zero)

  private let storage: Inline32

  init(_ storage: Inline32) { self.storage = storage }

  /// `body` writes the thirty-two bytes.
  init(filling body: (UnsafeMutableRawBufferPointer) -> Void) {
    storage = Inline32(filling: body)
  }

  public init?(_ bytes: some Collection<UInt8>) {
    guard let storage = Inline32(bytes) else { return nil }
    self.storage = storage
  }

  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try storage.withUnsafeBytes(body)
  }

  public static func < (left: Self, right: Self) -> Bool { left.storage < right.storage }
}

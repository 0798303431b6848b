/// Where random bytes come from. Handed in, so that a simulation can own them.
public protocol RandomSource: Sendable {
  /// Overwrites the whole buffer with random bytes.
  func fill(_ buffer: UnsafeMutableRawBufferPointer)
}

extension RandomSource {
  /// `count` random bytes. For public values; secrets are filled into ``SecretBytes`` in place.
  public func bytes(_ count: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    result.withUnsafeMutableBytes { fill($0) }
    return result
  }
}

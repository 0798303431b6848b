import CSodium

/// The operating system's random generator (`randombytes_buf`). Safe for keys.
public struct SystemRandom: RandomSource {
  public init() { Sodium.prepare() }

  public func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    guard let address = buffer.baseAddress, !buffer.isEmpty else { return }
    randombytes_buf(address, buffer.count)
  }
}

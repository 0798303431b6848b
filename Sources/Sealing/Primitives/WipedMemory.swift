import CSodium

/// Memory on the stack for a secret that lives as long as one call: zero at first, wiped at the
/// end.
///
/// For the intermediate values of hot paths; what lives longer is in `SecretBytes`, whose guard
/// pages cost several system calls.
func withWipedMemory<Result: ~Copyable>(
  byteCount: Int, _ body: (UnsafeMutableRawBufferPointer) -> Result
) -> Result {
  withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 16) { memory in
    sodium_memzero(memory.baseAddress, memory.count)
    defer { sodium_memzero(memory.baseAddress, memory.count) }
    return body(memory)
  }
}

extension UnsafeRawBufferPointer {
  /// No bytes.
  static var empty: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

  /// The bytes as libsodium's functions take them.
  var octets: UnsafePointer<UInt8>? { bindMemory(to: UInt8.self).baseAddress }
}

extension UnsafeMutableRawBufferPointer {
  /// The bytes as libsodium's functions take them.
  var octets: UnsafeMutablePointer<UInt8>? { bindMemory(to: UInt8.self).baseAddress }

  /// The bytes as libsodium's functions take them, where there has to be at least one.
  var requiredOctets: UnsafeMutablePointer<UInt8> {
    guard let octets else { preconditionFailure("an empty buffer where bytes are written") }
    return octets
  }
}

extension UnsafeRawBufferPointer {
  /// The bytes as libsodium's functions take them, where there has to be at least one.
  var requiredOctets: UnsafePointer<UInt8> {
    guard let octets else { preconditionFailure("an empty buffer where bytes are read") }
    return octets
  }
}

// libsodium takes `unsigned char *`; Swift's raw buffers are untyped. Reading any memory as bytes
// is always allowed, so assuming the binding is safe.

extension UnsafeRawBufferPointer {
  /// The first byte, or `nil` of an empty buffer without memory.
  var octets: UnsafePointer<UInt8>? { assumingMemoryBound(to: UInt8.self).baseAddress }
}

extension UnsafeMutableRawBufferPointer {
  /// The first byte. A buffer without memory is a mistake of the caller.
  var octets: UnsafeMutablePointer<UInt8> {
    guard let start = assumingMemoryBound(to: UInt8.self).baseAddress else {
      preconditionFailure("nowhere to write to")
    }
    return start
  }
}

import CBOR
import Signing

/// A message that ends with a ``SharedSecret``, as text that one person passes on to another: a
/// prefix, then base64url without padding of the CBOR and the first four bytes of its hash, so that a
/// mistyped or cut token is noticed at once.
///
/// The secret is in an array or string nowhere but in ``token``. What is kept has the two parts apart:
/// ``open`` and ``secret``.
public protocol SecretToken: Hashable, Sendable {
  /// How a token begins, so that it is recognised and not mistaken for anything else.
  static var prefix: String { get }

  var secret: SharedSecret { get }

  /// All but the secret, which is the last field of the message.
  func encodeOpen(to writer: inout CBORWriter)

  /// Reads what ``encodeOpen(to:)`` wrote.
  init(open reader: inout WireReader, secret: SharedSecret) throws(WireError)
}

extension SecretToken {
  private static var checkByteCount: Int { 4 }
  private static var textByteCountMax: Int { 2048 }
  /// A byte string of 32 bytes (RFC 8949 §3).
  private static var secretHead: [UInt8] { [0x58, UInt8(SharedSecret.byteCount)] }

  // MARK: Bytes

  /// The encoding up to where the secret begins.
  public var open: [UInt8] {
    var writer = CBORWriter()
    encodeOpen(to: &writer)
    return writer.bytes
  }

  /// Puts the two parts together again.
  public init(open: [UInt8], secret: SharedSecret) throws(WireError) {
    // An empty byte string in the secret's place makes the message whole for the reader.
    var reader = WireReader(open + [0x40])
    self = try Self(open: &reader, secret: secret)
    _ = try reader.bytes(max: 0)
    try reader.finish()
  }

  /// Decodes exactly these bytes.
  public init(decoding bytes: UnsafeRawBufferPointer) throws(WireError) {
    let head = Self.secretHead
    let openCount = bytes.count - head.count - SharedSecret.byteCount
    guard openCount > 0, bytes.count <= Self.textByteCountMax,
      bytes[openCount...].starts(with: head),
      let secret = SharedSecret(
        copying: UnsafeRawBufferPointer(rebasing: bytes[(openCount + head.count)...]))
    else { throw .unexpected("secret") }
    self = try Self(open: Array(bytes[..<openCount]), secret: secret)
  }

  /// Decodes exactly these bytes. The array is not wiped.
  public init(decoding bytes: [UInt8]) throws(WireError) {
    let result: Result<Self, WireError> = bytes.withUnsafeBytes { bytes in
      Result { () throws(WireError) in try Self(decoding: bytes) }
    }
    self = try result.get()
  }

  /// Hands out the whole encoding. The pointer is not valid after `body` returns.
  public func withEncoded<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withEncoded(spareByteCount: 0) { bytes, _ in body(UnsafeRawBufferPointer(bytes)) }
  }

  /// - Parameter body: gets room for more bytes behind the encoding, and how long that is.
  private func withEncoded<Result: ~Copyable>(
    spareByteCount: Int, _ body: (UnsafeMutableRawBufferPointer, Int) -> Result
  ) -> Result {
    let start = open + Self.secretHead
    let count = start.count + SharedSecret.byteCount
    var bytes = SecretBytes(count: count + spareByteCount)
    return bytes.withUnsafeMutableBytes { bytes in
      bytes.copyBytes(from: start)
      secret.withBytes {
        UnsafeMutableRawBufferPointer(rebasing: bytes[start.count..<count]).copyMemory(from: $0)
      }
      return body(bytes, count)
    }
  }

  // MARK: Text

  /// Hands out the text, as UTF-8. The pointer is not valid after `body` returns.
  public func withToken<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let text = withEncoded(spareByteCount: Self.checkByteCount) { bytes, count in
      let message = UnsafeRawBufferPointer(rebasing: bytes[..<count])
      let check = Hasher256.content(message).bytes.prefix(Self.checkByteCount)
      UnsafeMutableRawBufferPointer(rebasing: bytes[count...]).copyBytes(from: check)
      return SecretBase64.encode(UnsafeRawBufferPointer(bytes), after: Self.prefix)
    }
    return text.withUnsafeBytes(body)
  }

  /// The text in a string, which is not wiped: for what goes to another program as JSON.
  public var token: String { withToken { String(decoding: $0, as: UTF8.self) } }

  /// Reads a token, with white space around it.
  public init(token: UnsafeRawBufferPointer) throws(WireError) {
    let text = token.trimmed
    guard text.starts(with: Self.prefix.utf8), text.count <= Self.textByteCountMax,
      let bytes = SecretBase64.decode(
        UnsafeRawBufferPointer(rebasing: text[Self.prefix.utf8.count...])),
      bytes.count > Self.checkByteCount
    else { throw .unexpected("token") }
    let count = bytes.count - Self.checkByteCount
    self = try bytes.withUnsafeBytes { (bytes) throws(WireError) in
      let message = UnsafeRawBufferPointer(rebasing: bytes[..<count])
      let check = Hasher256.content(message).bytes.prefix(Self.checkByteCount)
      guard bytes[count...].elementsEqual(check) else { throw .unexpected("token") }
      return try Self(decoding: message)
    }
  }

  /// Reads a token that came in a string: from a command line.
  public init(token: String) throws(WireError) {
    var token = token
    let result: Result<Self, WireError> = token.withUTF8 { text in
      Result { () throws(WireError) in try Self(token: UnsafeRawBufferPointer(text)) }
    }
    self = try result.get()
  }
}

extension UnsafeRawBufferPointer {
  /// Without white space around it, a non-breaking space (U+00A0) included.
  fileprivate var trimmed: UnsafeRawBufferPointer {
    let isSpace: (UInt8) -> Bool = { $0 <= UInt8(ascii: " ") || $0 == 0xc2 || $0 == 0xa0 }
    guard let first = firstIndex(where: { !isSpace($0) }),
      let last = lastIndex(where: { !isSpace($0) })
    else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(rebasing: self[first...last])
  }
}

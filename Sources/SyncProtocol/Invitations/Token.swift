import Signing

/// A message without a secret as text that people can pass on: a prefix, then base64url without padding of the CBOR
/// and the first four bytes of its hash, so that a mistyped or cut token is noticed at once.
public protocol TextToken: WireCodable {
  static var prefix: String { get }
}

extension AccountFingerprint: TextToken {}

extension TextToken {
  private static var checkByteCount: Int { 4 }

  public var token: String {
    let bytes = encoded
    let check = Hasher256.content(bytes).bytes.prefix(Self.checkByteCount)
    let text = Base64.encode(bytes + check)
    return Self.prefix
      + text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  /// Reads a token, with white space around it.
  public init(token: String) throws(WireError) {
    let text = token.trimmed
    guard text.hasPrefix(Self.prefix), text.utf8.count <= 2048 else { throw .unexpected("token") }
    var base64 = String(text.dropFirst(Self.prefix.count))
      .replacing("-", with: "+").replacing("_", with: "/")
    while base64.utf8.count % 4 != 0 { base64 += "=" }
    guard let bytes = Base64.decode(base64), bytes.count > Self.checkByteCount else {
      throw .unexpected("token")
    }
    let payload = [UInt8](bytes.dropLast(Self.checkByteCount))
    let check = Hasher256.content(payload).bytes.prefix(Self.checkByteCount)
    guard bytes.suffix(Self.checkByteCount).elementsEqual(check) else {
      throw .unexpected("token")
    }
    try self.init(decoding: payload)
  }
}

extension String {
  fileprivate var trimmed: String {
    let isSpace: (Character) -> Bool = { $0.isWhitespace || $0.isNewline }
    return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }
}

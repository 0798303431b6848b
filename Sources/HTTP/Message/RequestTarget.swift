/// The target of a request line, taken apart: raw path and decoded query (RFC 9112 §3.2).
struct RequestTarget {
  /// More parts than any request of ours has; a bound on what one long target can make us store.
  static let queryPartCountMax = 256

  let path: String
  let query: [(name: String, value: String)]

  /// nil unless the target is a path, its percent-encoding is whole and all text in it is UTF-8.
  /// The absolute form (`http://host/path`, meant for proxies) is refused.
  init?(_ target: String) {
    let bytes = Array(target.utf8)
    guard bytes.first == UInt8(ascii: "/"), !bytes.contains(where: { $0 <= 0x20 || $0 == 0x7f })
    else { return nil }
    let mark = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
    guard PercentEncoding.decoded(bytes[..<mark], plusIsSpace: false) != nil else { return nil }
    path = String(decoding: bytes[..<mark], as: UTF8.self)
    guard let query = RequestTarget.query(bytes[mark...].dropFirst()) else { return nil }
    self.query = query
  }

  private static func query(_ bytes: ArraySlice<UInt8>) -> [(name: String, value: String)]? {
    let parts = bytes.split(separator: UInt8(ascii: "&"))
    guard parts.count <= queryPartCountMax else { return nil }
    var result: [(name: String, value: String)] = []
    for part in parts {
      let mark = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
      guard let name = PercentEncoding.decoded(part[..<mark], plusIsSpace: true),
        let value = PercentEncoding.decoded(part[mark...].dropFirst(), plusIsSpace: true)
      else { return nil }
      result.append((name, value))
    }
    return result
  }
}

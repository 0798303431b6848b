/// A whole request, as the server's handler gets it.
public struct HTTPRequest: Sendable {
  /// As sent; methods are case-sensitive (RFC 9110 §9.1) and may be unknown.
  public var method: String
  /// The path as sent: still percent-encoded, without the query. Use ``pathSegments`` to route.
  public var path: String
  /// The decoded parts of the query, in order; a part without `=` has an empty value.
  public var query: [(name: String, value: String)]
  public var headers: HTTPHeaders
  public var body: [UInt8]
  /// The peer's numeric IP address, without port; empty when unknown. Behind a reverse proxy this
  /// is the proxy's.
  public var clientAddress: String

  public init(
    method: String, path: String, query: [(name: String, value: String)] = [],
    headers: HTTPHeaders = [:], body: [UInt8] = [], clientAddress: String = ""
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.clientAddress = clientAddress
  }

  /// The first value of a query part.
  public func queryValue(_ name: String) -> String? {
    query.first { $0.name == name }?.value
  }

  /// The decoded segments of the path; `/v1/a%2Fb` has two, the second of them `a/b`.
  ///
  /// nil when a segment's percent-encoding is broken or not UTF-8. The server answers such a
  /// request itself, so a handler can rely on a value.
  public var pathSegments: [String]? {
    var segments: [String] = []
    for part in path.utf8.split(separator: UInt8(ascii: "/")) {
      guard let decoded = PercentEncoding.decoded(part, plusIsSpace: false) else { return nil }
      segments.append(decoded)
    }
    return segments
  }
}

import HTTP
import SyncProtocol
import Terminal

/// Between HTTP and the protocol's requests and responses (docs/protocol.md, transport).
enum HTTPAnswer {
  /// `nil` for a method that the protocol does not have.
  static func request(_ http: HTTPRequest) -> Request? {
    guard let method = Request.Method(rawValue: http.method) else { return nil }
    return Request(method, http.path, token: token(http.headers), body: http.body)
  }

  /// The bearer token (RFC 6750 §2.1); the scheme's case does not matter.
  private static func token(_ headers: HTTPHeaders) -> String? {
    guard let field = headers["Authorization"] else { return nil }
    let parts = field.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
  }

  static func response(_ response: Response, to path: String) -> HTTPResponse {
    switch response {
    case .success(let body):
      let isBytes =
        path.hasPrefix("/v1/blobs/")
        && ![Path.blobsMissing, Path.blobsPut, Path.blobsFetch].contains(path)
      let type =
        isBytes || path.hasPrefix("/v1/shares/") ? "application/octet-stream" : "application/cbor"
      return HTTPResponse(
        status: 200, headers: ["Content-Type": type, "Cache-Control": "no-store"], body: body)
    case .failure(let code): return failure(code)
    }
  }

  /// Problem details (RFC 9457); the code is in a header too, so that a client need not read JSON.
  static func failure(_ code: ErrorCode) -> HTTPResponse {
    let problem: JSONValue = [
      "type": .string("urn:satchel:error:\(code.rawValue)"), "title": .string(code.title),
      "status": .integer(Int64(code.status)),
    ]
    var headers: HTTPHeaders = [
      "Content-Type": "application/problem+json", "Satchel-Error": code.rawValue,
      "Cache-Control": "no-store",
    ]
    if code.status == 401 { headers.append("WWW-Authenticate", "Bearer") }
    return HTTPResponse(status: code.status, headers: headers, body: Array(problem.text.utf8))
  }
}

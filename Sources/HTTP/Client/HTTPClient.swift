import Foundation

/// An HTTP/1.1 client for one server: whole requests out, whole responses in, on kept-alive
/// connections.
///
/// Safe from several threads; each call blocks its thread, so none is made from a Swift concurrency
/// thread directly. Redirects are not followed and nothing is kept: no cookies, cache or
/// credentials. The proxy variables that curl knows (`https_proxy`, `no_proxy`) are honoured.
///
/// It calls libcurl itself, which is what URLSession on Linux wraps: URLSession has no way to trust
/// a certificate authority of one's own, nor a time limit for connecting.
///
/// Making a client ignores `SIGPIPE` for the process: a server that has gone is an error of its
/// request, not the end of the program.
public final class HTTPClient: Sendable {
  /// Status line and header fields of a response together.
  public static let responseHeaderByteCountMax = 64 * 1024
  /// Handles, each with its connection, that are kept for the next request.
  private static let idleHandleCountMax = 8

  private struct State {
    var isClosed = false
    var idle: [CurlHandle] = []
  }

  private let base: BaseURL
  private let configuration: HTTPClientConfiguration
  private let authority: [UInt8]?
  private let state = Guarded(State())

  /// Checks the configuration; connects only when something is sent.
  ///
  /// Throws ``HTTPClientError/badURL``, or ``HTTPClientError/tlsFailure(reason:)`` when the
  /// certificate authority is not in PEM.
  public init(_ configuration: HTTPClientConfiguration) throws(HTTPClientError) {
    guard let base = BaseURL(configuration.baseURL) else { throw HTTPClientError.badURL }
    if let pem = configuration.certificateAuthorityPEM {
      guard pem.contains("-----BEGIN CERTIFICATE-----") else {
        throw HTTPClientError.tlsFailure(reason: "the certificate authority is not in PEM")
      }
    }
    self.base = base
    self.configuration = configuration
    authority = configuration.certificateAuthorityPEM.map { Array($0.utf8) }
    signal(SIGPIPE, SIG_IGN)
  }

  /// Sends one request and waits for the whole response.
  ///
  /// - Parameters:
  ///   - path: starts with `/`, percent-encoded, with the query if there is one; appended to the
  ///     base URL's own path.
  ///   - body: empty for `GET` and `HEAD`.
  ///   - timeoutSeconds: instead of the configuration's, for a request that the server may hold.
  public func send(
    method: String, path: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
    timeoutSeconds: Double? = nil
  ) throws(HTTPClientError) -> HTTPResponse {
    precondition(body.isEmpty || (method != "GET" && method != "HEAD"))
    guard let url = base.url(path: path) else { throw HTTPClientError.badURL }
    guard HTTPHeaders.isToken(method), headers.isWellFormed else {
      throw HTTPClientError.badHeader
    }
    let request = OutgoingRequest(
      url: url, method: method, headerLines: HTTPClient.lines(headers, body: body), body: body,
      timeoutSeconds: timeoutSeconds ?? configuration.requestTimeoutSeconds,
      connectTimeoutSeconds: configuration.connectTimeoutSeconds, authority: authority)
    let transfer = Transfer(byteCountMax: configuration.responseByteCountMax) { [self] in
      state.withLock(\.isClosed)
    }
    let handle = try takeHandle()
    defer { putBack(handle) }
    return try handle.perform(request, into: transfer)
  }

  /// From this many bytes on a body waits until the server has said that it wants it. A server that
  /// refuses it by its length may have closed the connection before the rest is sent, and what it
  /// said would be lost. (libcurl does the same by itself from 1 MiB on.)
  private static let expectedByteCount = 64 * 1024

  private static func lines(_ headers: HTTPHeaders, body: [UInt8]) -> [String] {
    // `Name;` is libcurl's form of a field with an empty value; `Name:` keeps it from adding one of
    // its own.
    var lines = headers.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    if headers["Content-Type"] == nil { lines.append("Content-Type:") }
    if body.count >= expectedByteCount { lines.append("Expect: 100-continue") }
    return lines
  }

  private func takeHandle() throws(HTTPClientError) -> CurlHandle {
    let (idle, isClosed) = state.withLock { ($0.idle.popLast(), $0.isClosed) }
    guard !isClosed else { throw HTTPClientError.interrupted }
    if let idle { return idle }
    guard let handle = CurlHandle() else {
      throw HTTPClientError.notReachable(reason: "no memory for a connection")
    }
    return handle
  }

  private func putBack(_ handle: CurlHandle) {
    state.withLock { state in
      guard !state.isClosed, state.idle.count < HTTPClient.idleHandleCountMax else { return }
      state.idle.append(handle)
    }
  }

  /// Ends what is under way with ``HTTPClientError/interrupted``, within about a second, and refuses
  /// all later calls.
  public func close() {
    state.withLock { state in
      state.isClosed = true
      state.idle = []
    }
  }
}

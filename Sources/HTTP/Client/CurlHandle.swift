import CLibCurl

/// One transfer of libcurl with its own kept-alive connections.
///
/// `@unchecked Sendable`: the pool hands it to one thread at a time, which libcurl allows.
final class CurlHandle: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer
  private var errorText = [CChar](repeating: 0, count: 256)

  /// libcurl's own set-up, once a process and before any thread uses it.
  private static let isReady = curl_global_init(3) == CurlCode.ok

  init?() {
    guard CurlHandle.isReady, let handle = curl_easy_init() else { return nil }
    self.handle = handle
  }

  deinit { curl_easy_cleanup(handle) }

  /// Performs one request. What libcurl keeps pointers to lives in this call.
  func perform(
    _ request: OutgoingRequest, into transfer: Transfer
  ) throws(HTTPClientError) -> HTTPResponse {
    curl_easy_reset(handle)
    setCommonOptions(request)
    guard setTrust(request.authority) else {
      throw HTTPClientError.tlsFailure(reason: "the certificate authority cannot be used")
    }
    var fields: OpaquePointer?
    for line in request.headerLines { fields = curl_slist_append(fields, line) }
    defer { curl_slist_free_all(fields) }
    satchel_curl_set_pointer(handle, CurlOption.httpHeader, UnsafeRawPointer(fields))
    transfer.attach(to: handle)
    let code = withExtendedLifetime(transfer) {
      request.body.withUnsafeBytes { body in
        if request.method != "GET" && request.method != "HEAD" { setBody(body) }
        satchel_curl_set_pointer(handle, CurlOption.customRequest, request.method)
        return curl_easy_perform(handle)
      }
    }
    guard code == CurlCode.ok else { throw error(code) }
    guard transfer.isHeaderSectionWhole else {
      throw HTTPClientError.notReachable(reason: "the answer ended too early")
    }
    let status = Int(satchel_curl_get_number(handle, CurlInfo.responseCode))
    return HTTPResponse(status: status, headers: transfer.headers, body: transfer.body)
  }

  private func setCommonOptions(_ request: OutgoingRequest) {
    satchel_curl_set_pointer(handle, CurlOption.url, request.url)
    satchel_curl_set_number(handle, CurlOption.pathAsIs, 1)
    // HTTP and HTTPS, nothing else that libcurl speaks; HTTP/1.1; TLS 1.2 or newer.
    satchel_curl_set_number(handle, CurlOption.protocols, 3)
    satchel_curl_set_number(handle, CurlOption.httpVersion, 2)
    satchel_curl_set_number(handle, CurlOption.tlsVersion, 6)
    // Without this libcurl would use SIGALRM for its time limits.
    satchel_curl_set_number(handle, CurlOption.noSignal, 1)
    satchel_curl_set_number(
      handle, CurlOption.timeoutMilliseconds, milliseconds(request.timeoutSeconds))
    satchel_curl_set_number(
      handle, CurlOption.connectTimeoutMilliseconds, milliseconds(request.connectTimeoutSeconds))
    satchel_curl_set_number(
      handle, request.method == "HEAD" ? CurlOption.noBody : CurlOption.httpGet, 1)
  }

  /// At least 1: libcurl takes 0 for no limit.
  private func milliseconds(_ seconds: Double) -> Int {
    Int(min(max(seconds * 1000, 1), 86_400_000))
  }

  private func setTrust(_ authority: [UInt8]?) -> Bool {
    guard let authority else { return true }
    let code = satchel_curl_set_blob(
      handle, CurlOption.authorityBlob, authority, authority.count)
    return code == CurlCode.ok
      && satchel_curl_set_pointer(handle, CurlOption.authorityFolder, nil) == CurlCode.ok
  }

  private func setBody(_ body: UnsafeRawBufferPointer) {
    satchel_curl_set_number(handle, CurlOption.post, 1)
    satchel_curl_set_size(handle, CurlOption.postFieldSizeLarge, Int64(body.count))
    // A nil pointer would mean a body read by a callback.
    satchel_curl_set_pointer(
      handle, CurlOption.postFields, body.baseAddress ?? UnsafeRawPointer(handle))
  }

  private func error(_ code: CURLcode) -> HTTPClientError {
    let reason = String(cString: curl_easy_strerror(code))
    switch code {
    case CurlCode.badURL: return .badURL
    case CurlCode.writeRefused: return .responseTooLarge
    case CurlCode.abortedByCallback: return .interrupted
    case CurlCode.timedOut:
      // 0 until the connection stands, for a kept-alive one too.
      let isConnected = satchel_curl_get_seconds(handle, CurlInfo.preTransferSeconds) > 0
      return isConnected ? .timedOut : .notReachable(reason: "no connection in time")
    case _ where CurlCode.tls.contains(code): return .tlsFailure(reason: reason)
    default: return .notReachable(reason: reason)
    }
  }
}

/// A checked request, ready to be performed.
struct OutgoingRequest {
  let url: String
  let method: String
  let headerLines: [String]
  let body: [UInt8]
  let timeoutSeconds: Double
  let connectTimeoutSeconds: Double
  let authority: [UInt8]?
}

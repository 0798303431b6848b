import CLibCurl

/// One transfer of libcurl with its own kept-alive connections.
///
/// `@unchecked Sendable`: the pool hands it to one thread at a time, which libcurl allows.
final class CurlHandle: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer

  /// libcurl's own set-up, once a process and before any thread uses it.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

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
    var fields: UnsafeMutablePointer<curl_slist>?
    for line in request.headerLines { fields = curl_slist_append(fields, line) }
    defer { curl_slist_free_all(fields) }
    satchel_curl_set_pointer(handle, CURLOPT_HTTPHEADER, UnsafeRawPointer(fields))
    transfer.attach(to: handle)
    let code = withExtendedLifetime(transfer) {
      request.body.withUnsafeBytes { body in
        if request.method != "GET" && request.method != "HEAD" { setBody(body) }
        satchel_curl_set_pointer(handle, CURLOPT_CUSTOMREQUEST, request.method)
        return curl_easy_perform(handle)
      }
    }
    guard code == CURLE_OK else { throw error(code) }
    guard transfer.isHeaderSectionWhole else {
      throw HTTPClientError.notReachable(reason: "the answer ended too early")
    }
    let status = Int(satchel_curl_get_number(handle, CURLINFO_RESPONSE_CODE))
    return HTTPResponse(status: status, headers: transfer.headers, body: transfer.body)
  }

  private func setCommonOptions(_ request: OutgoingRequest) {
    satchel_curl_set_pointer(handle, CURLOPT_URL, request.url)
    satchel_curl_set_number(handle, CURLOPT_PATH_AS_IS, 1)
    // HTTP and HTTPS, nothing else that libcurl speaks; HTTP/1.1; TLS 1.2 or newer.
    satchel_curl_set_pointer(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    satchel_curl_set_number(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    satchel_curl_set_number(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    // Without this libcurl would use SIGALRM for its time limits.
    satchel_curl_set_number(handle, CURLOPT_NOSIGNAL, 1)
    satchel_curl_set_number(
      handle, CURLOPT_TIMEOUT_MS, milliseconds(request.timeoutSeconds))
    satchel_curl_set_number(
      handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connectTimeoutSeconds))
    satchel_curl_set_number(
      handle, request.method == "HEAD" ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1)
  }

  /// At least 1: libcurl takes 0 for no limit.
  private func milliseconds(_ seconds: Double) -> Int {
    Int(min(max(seconds * 1000, 1), 86_400_000))
  }

  private func setTrust(_ authority: [UInt8]?) -> Bool {
    guard let authority else { return true }
    let code = satchel_curl_set_blob(
      handle, CURLOPT_CAINFO_BLOB, authority, authority.count)
    return code == CURLE_OK
      && satchel_curl_set_pointer(handle, CURLOPT_CAPATH, nil) == CURLE_OK
  }

  private func setBody(_ body: UnsafeRawBufferPointer) {
    satchel_curl_set_number(handle, CURLOPT_POST, 1)
    satchel_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
    // A nil pointer would mean a body read by a callback.
    satchel_curl_set_pointer(
      handle, CURLOPT_POSTFIELDS, body.baseAddress ?? UnsafeRawPointer(handle))
  }

  private func error(_ code: CURLcode) -> HTTPClientError {
    let reason = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_URL_MALFORMAT: return .badURL
    case CURLE_WRITE_ERROR: return .responseTooLarge
    case CURLE_ABORTED_BY_CALLBACK: return .interrupted
    case CURLE_OPERATION_TIMEDOUT:
      // 0 until the connection stands, for a kept-alive one too.
      let isConnected = satchel_curl_get_seconds(handle, CURLINFO_PRETRANSFER_TIME) > 0
      return isConnected ? .timedOut : .notReachable(reason: "no connection in time")
    // Handshake, certificate, host name, authority file, cipher and engine failures.
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION,
      CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_SHUTDOWN_FAILED,
      CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
      return .tlsFailure(reason: reason)
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

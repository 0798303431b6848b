/// Why there is no response. A response of any status is no error.
public enum HTTPClientError: Error, Sendable, Equatable {
  /// No connection, or it broke before the response was whole (then the request may have been
  /// carried out). The reason is for people.
  case notReachable(reason: String)
  /// Connected, but no whole response in time; the request may have been carried out.
  case timedOut
  /// The server's certificate is not trusted, or not for this host, or TLS failed otherwise;
  /// nothing was sent. The reason is for people.
  case tlsFailure(reason: String)
  /// Body beyond ``HTTPClientConfiguration/responseByteCountMax``, or header fields beyond
  /// ``HTTPClient/responseHeaderByteCountMax``.
  case responseTooLarge
  /// The base URL or the path is not one this client takes; nothing was sent.
  case badURL
  /// A header field is not well-formed, or the method is no token; nothing was sent.
  case badHeader
  /// ``HTTPClient/close()`` was called.
  case interrupted
}

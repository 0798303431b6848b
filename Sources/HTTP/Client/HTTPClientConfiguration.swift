/// Which server a client talks to, and within which limits.
public struct HTTPClientConfiguration: Sendable {
  /// `http://` or `https://`, host, and where needed port and path prefix. No query, no user.
  public var baseURL: String
  /// For name look-up, TCP and TLS together; nothing is sent before.
  public var connectTimeoutSeconds: Double = 10
  /// From ``HTTPClient/send(method:path:headers:body:timeoutSeconds:)`` to the last byte.
  public var requestTimeoutSeconds: Double = 60
  public var responseByteCountMax: Int = 16 * 1024 * 1024
  /// The only certificates (PEM, one or more) that the server's may descend from; a self-signed
  /// certificate is its own. nil: the system's (`/etc/ssl/certs`). The host name is checked either
  /// way.
  public var certificateAuthorityPEM: String?

  public init(baseURL: String) {
    self.baseURL = baseURL
  }
}

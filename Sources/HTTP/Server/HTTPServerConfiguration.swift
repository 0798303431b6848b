/// Where and within which limits a server serves.
public struct HTTPServerConfiguration: Sendable {
  /// A certificate (chain, the server's own first) and its unencrypted private key, both in PEM.
  public struct TLS: Sendable {
    public var certificatePEM: String
    public var keyPEM: String

    public init(certificatePEM: String, keyPEM: String) {
      self.certificatePEM = certificatePEM
      self.keyPEM = keyPEM
    }
  }

  /// A numeric IPv4 or IPv6 address of this machine. The default serves only this machine.
  public var host: String = "127.0.0.1"
  /// 0: the kernel picks one; see ``HTTPServer/port``.
  public var port: UInt16 = 0
  /// Handlers run on these threads, so as many run at once. At least 1.
  public var threadCount: Int = 4
  /// Beyond this, new connections wait in the kernel. At least ``threadCount``.
  public var connectionsMax: Int = 1024
  /// Connections from one address beyond this are closed at once; nil: no limit of its own. Leave
  /// nil behind a reverse proxy, where all have one address.
  public var connectionsPerAddressMax: Int?
  /// Request line and header fields together; beyond it 431 (or 414 for the line alone).
  public var headerByteCountMax: Int = 32 * 1024
  /// Beyond it 413: from `Content-Length` before a byte is stored, else as soon as it is passed.
  public var bodyByteCountMax: Int = 9 * 1024 * 1024
  /// All bodies that are arriving together, but for the first 64 KiB of each; a connection that sends
  /// more is closed. At least ``bodyByteCountMax``.
  public var allBodiesByteCountMax: Int = 256 * 1024 * 1024
  /// A connection on which nothing moves for so long is closed.
  public var idleTimeoutSeconds: Int = 30
  /// A request has to arrive whole, and its response has to be taken whole, within this; so a
  /// client that sends a byte now and then cannot hold a connection. The handler's own time does
  /// not count.
  public var requestTimeoutSeconds: Int = 120
  /// Memory of the library for each connection; header fields and both buffers live in it.
  public var perConnectionMemoryByteCount: Int = 64 * 1024
  /// nil: plain HTTP.
  public var tls: TLS?

  public init() {}
}

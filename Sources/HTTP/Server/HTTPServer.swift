import CMicroHTTPD
import Foundation

/// An HTTP/1.1 server: whole requests in, whole responses out, within limits.
///
/// Each request runs the handler on one of ``HTTPServerConfiguration/threadCount`` threads of
/// libmicrohttpd; a handler that waits long answers with ``HTTPReply/held(_:)`` instead of keeping
/// a thread. A server starts once and stops once.
///
/// Starting ignores `SIGPIPE` for the process: a peer that has gone is an error of its connection,
/// not the end of the program.
public final class HTTPServer: Sendable {
  private enum Phase {
    case new
    case running(Daemon)
    case stopped
  }

  let core: ServerCore
  private let phase = Guarded(Phase.new)

  /// A server whose handler answers each request at once. The handler runs on several threads.
  public convenience init(
    _ configuration: HTTPServerConfiguration,
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) {
    self.init(configuration, replying: { .now(handler($0)) })
  }

  /// A server whose handler may hold a response back.
  public init(
    _ configuration: HTTPServerConfiguration,
    replying handler: @escaping @Sendable (HTTPRequest) -> HTTPReply
  ) {
    precondition(configuration.threadCount >= 1)
    precondition(configuration.connectionsMax >= configuration.threadCount)
    precondition(configuration.idleTimeoutSeconds >= 1 && configuration.requestTimeoutSeconds >= 1)
    precondition(configuration.bodyByteCountMax >= 0 && configuration.headerByteCountMax >= 1024)
    core = ServerCore(configuration: configuration, handler: handler)
  }

  deinit { stop(graceSeconds: 0) }

  /// Binds and serves, from before it returns.
  public func start() throws(HTTPServerError) {
    try phase.withLock { phase throws(HTTPServerError) in
      guard case .new = phase else { throw HTTPServerError.alreadyStarted }
      signal(SIGPIPE, SIG_IGN)
      phase = .running(try Daemon(core: core))
    }
  }

  /// The port that is served; 0 while the server is not running.
  public var port: UInt16 {
    phase.withLock { phase in
      guard case .running(let daemon) = phase else { return 0 }
      return daemon.port
    }
  }

  /// `http://host:port` or `https://host:port`, as a client on this machine would write it.
  public var address: String {
    let host = core.configuration.host
    let scheme = core.configuration.tls == nil ? "http" : "https"
    return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }

  /// Stops: no new connections, 503 for new requests on old ones, held responses completed, at most
  /// `graceSeconds` for what is under way, then the end of all connections.
  ///
  /// Blocks until all threads have ended; a handler that is still running is waited for, whatever
  /// the grace. Never called from a handler.
  public func stop(graceSeconds: Double) {
    let daemon = phase.withLock { phase -> Daemon? in
      defer { phase = .stopped }
      guard case .running(let daemon) = phase else { return nil }
      return daemon
    }
    guard let daemon else { return }
    daemon.quiesce()
    core.beginStopping()
    let deadline = DispatchTime.now() + graceSeconds
    while core.exchangeCount > 0, DispatchTime.now() < deadline { usleep(5_000) }
    daemon.stop()
  }
}

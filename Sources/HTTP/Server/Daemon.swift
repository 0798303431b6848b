import CMicroHTTPD
import Foundation

/// The running library: its threads, its listening socket and the timer of the watch.
///
/// `@unchecked Sendable`: all is set before the initialiser returns; `quiesce` and `stop` are called
/// once and in this order by ``HTTPServer/stop(graceSeconds:)``, the only owner by then.
final class Daemon: @unchecked Sendable {
  let port: UInt16
  private let core: ServerCore
  private let daemon: OpaquePointer
  private let socket: ListeningSocket
  private let credentials: Credentials?
  private let timer: any DispatchSourceTimer

  init(core: ServerCore) throws(HTTPServerError) {
    let configuration = core.configuration
    socket = try ListeningSocket(host: configuration.host, port: configuration.port)
    credentials = configuration.tls.map(Credentials.init)
    var flags =
      MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_USE_ITC.rawValue
      | MHD_USE_SUSPEND_RESUME.rawValue
    if configuration.tls != nil { flags |= MHD_USE_TLS.rawValue }
    var options = Daemon.options(configuration, credentials)
    let daemon = satchel_start_daemon(
      flags, socket.descriptor, DaemonCallbacks.access, DaemonCallbacks.requestStarted,
      DaemonCallbacks.requestCompleted, DaemonCallbacks.connectionChanged,
      Unmanaged.passUnretained(core).toOpaque(), &options)
    guard let daemon else {
      let code = errno
      // The library has closed the socket. It read the credentials here, and names no reason.
      throw credentials == nil
        ? HTTPServerError.systemFailure(code: code) : HTTPServerError.certificateRefused
    }
    self.core = core
    self.daemon = daemon
    port = socket.port
    timer = DispatchSource.makeTimerSource()
    timer.schedule(deadline: .now() + 0.5, repeating: 0.5)
    timer.setEventHandler { [core] in core.watch.cutOverdue() }
    timer.resume()
  }

  private static func options(
    _ configuration: HTTPServerConfiguration, _ credentials: Credentials?
  ) -> [MHD_OptionItem] {
    // Room for the largest header section, and for what the library stores beside it.
    let memory = max(
      configuration.perConnectionMemoryByteCount, configuration.headerByteCountMax + 16 * 1024)
    var options = [
      MHD_OptionItem(option: .THREAD_POOL_SIZE, number: configuration.threadCount),
      MHD_OptionItem(option: .CONNECTION_LIMIT, number: configuration.connectionsMax),
      MHD_OptionItem(
        option: .CONNECTION_TIMEOUT, number: configuration.idleTimeoutSeconds),
      MHD_OptionItem(option: .CONNECTION_MEMORY_LIMIT, number: memory),
      MHD_OptionItem(option: .STRICT_FOR_CLIENT, number: 1),
    ]
    if let perAddress = configuration.connectionsPerAddressMax {
      options.append(MHD_OptionItem(option: .PER_IP_CONNECTION_LIMIT, number: perAddress))
    }
    if let credentials {
      options += [
        MHD_OptionItem(option: .HTTPS_MEM_CERT, text: credentials.certificate),
        MHD_OptionItem(option: .HTTPS_MEM_KEY, text: credentials.key),
        MHD_OptionItem(option: .HTTPS_PRIORITIES, text: credentials.priorities),
      ]
    }
    options.append(MHD_OptionItem(option: .END, number: 0))
    return options
  }

  /// No new connections: the library leaves the socket, and the kernel refuses on it.
  func quiesce() {
    MHD_quiesce_daemon(daemon)
    shutdown(socket.descriptor, Int32(SHUT_RDWR))
  }

  func stop() {
    timer.cancel()
    MHD_stop_daemon(daemon)
    // Only now: until its threads have ended the library may still look at a quiesced socket.
    close(socket.descriptor)
    credentials?.wipe()
  }
}

/// The certificate and key as C strings, for as long as the library may look at them.
private final class Credentials {
  let certificate: UnsafeMutablePointer<CChar>
  let key: UnsafeMutablePointer<CChar>
  let priorities: UnsafeMutablePointer<CChar>

  init(_ tls: HTTPServerConfiguration.TLS) {
    certificate = strdup(tls.certificatePEM)
    key = strdup(tls.keyPEM)
    priorities = strdup("NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE")
  }

  func wipe() { explicit_bzero(key, strlen(key)) }

  deinit {
    wipe()
    free(certificate)
    free(key)
    free(priorities)
  }
}

extension MHD_OptionItem {
  fileprivate init(option: MHD_OPTION, number: Int) {
    self.init(option: option, value: number, ptr_value: nil)
  }

  fileprivate init(option: MHD_OPTION, text: UnsafeMutablePointer<CChar>) {
    self.init(option: option, value: 0, ptr_value: text)
  }
}

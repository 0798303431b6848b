import CMicroHTTPD

/// The library's callbacks: C functions that find the core behind their first argument.
///
/// Life of a request: `requestStarted` makes its exchange; `access` is called with the header
/// section, each piece of the body, the end of it, and after a held response was completed;
/// `requestCompleted` ends it, however it ended.
enum DaemonCallbacks {
  static let requestStarted:
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?
    ) -> UnsafeMutableRawPointer? = { core, target, _ in
      guard let core = core.map(ServerCore.from), let target else { return nil }
      core.exchangeStarted()
      let exchange = Exchange(
        rawTarget: String(cString: target), limits: core.configuration, budget: core.bodies)
      return Unmanaged.passRetained(exchange).toOpaque()
    }

  static let requestCompleted: MHD_RequestCompletedCallback = { core, connection, context, _ in
    guard let core = core.map(ServerCore.from), let connection else { return }
    guard let stored = context?.pointee else { return }
    context?.pointee = nil
    let exchange = Unmanaged<Exchange>.fromOpaque(stored).takeRetainedValue()
    if let held = exchange.held { core.release(held) }
    core.watch.requestCompleted(ConnectionReference(pointer: connection).key)
    core.exchangeEnded()
  }

  static let connectionChanged: MHD_NotifyConnectionCallback = { core, connection, _, change in
    guard let core = core.map(ServerCore.from), let connection else { return }
    let reference = ConnectionReference(pointer: connection)
    switch change {
    case .CONNECTION_NOTIFY_STARTED:
      core.watch.connectionOpened(reference.key, descriptor: reference.descriptor)
    default:
      core.watch.connectionClosed(reference.key)
    }
  }

  static let access: MHD_AccessHandlerCallback = {
    core, connection, _, method, _, piece, pieceByteCount, context in
    guard let core = core.map(ServerCore.from), let connection, let method, let pieceByteCount,
      let stored = context?.pointee
    else { return .NO }
    let exchange = Unmanaged<Exchange>.fromOpaque(stored).takeUnretainedValue()
    let reference = ConnectionReference(pointer: connection)
    if !exchange.isStarted {
      let step = exchange.start(reference.headers, isStopping: core.isStopping)
      return core.take(step, reference)
    }
    if pieceByteCount.pointee > 0 {
      let bytes = UnsafeRawBufferPointer(start: piece, count: pieceByteCount.pointee)
      pieceByteCount.pointee = 0
      return core.take(exchange.append(bytes), reference)
    }
    return core.answer(exchange, reference, method: String(cString: method))
  }
}

extension ServerCore {
  /// The core is kept alive by its server until the library's threads have ended.
  fileprivate static func from(_ pointer: UnsafeMutableRawPointer) -> ServerCore {
    Unmanaged<ServerCore>.fromOpaque(pointer).takeUnretainedValue()
  }

  fileprivate func take(_ step: Exchange.Step, _ connection: ConnectionReference) -> MHD_Result {
    switch step {
    case .proceed: .YES
    case .cut: .NO
    case .answer(let response, let closing): queue(response, connection, closing: closing)
    }
  }

  /// Runs the handler, or, after a held response was completed, gives that.
  fileprivate func answer(
    _ exchange: Exchange, _ connection: ConnectionReference, method: String
  ) -> MHD_Result {
    if let held = exchange.held { return give(held, connection) }
    watch.requestReceived(connection.key)
    switch exchange.finish(method: method, clientAddress: connection.clientAddress) {
    case .failure(let refusal):
      return queue(HTTPResponse(status: refusal.status), connection, closing: true)
    case .success(let request):
      switch reply(to: request) {
      case .now(let response):
        return queue(response, connection, closing: isStopping)
      case .held(let held):
        exchange.held = held
        hold(held)
        return give(held, connection)
      }
    }
  }

  private func give(_ held: HTTPHeldResponse, _ connection: ConnectionReference) -> MHD_Result {
    if let response = held.response {
      return queue(response, connection, closing: isStopping)
    }
    // Suspended first: a completion on another thread may come at once.
    connection.suspend()
    held.whenCompleted { connection.resume() }
    return .YES
  }

  private func queue(
    _ response: HTTPResponse, _ connection: ConnectionReference, closing: Bool
  ) -> MHD_Result {
    watch.responseQueued(connection.key)
    connection.restartIdleTime(seconds: configuration.idleTimeoutSeconds)
    return connection.queue(response, closing: closing)
  }
}

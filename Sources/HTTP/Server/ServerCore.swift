import CMicroHTTPD
import Foundation

/// What the library's callbacks share: the handler, the limits and the count of what is under way.
final class ServerCore: Sendable {
  private struct State {
    var exchangeCount = 0
    var isStopping = false
    var held: [ObjectIdentifier: HTTPHeldResponse] = [:]
  }

  let configuration: HTTPServerConfiguration
  let watch: ConnectionWatch
  let bodies: BodyBudget
  private let handler: @Sendable (HTTPRequest) -> HTTPReply
  private let state = Guarded(State())
  private let timers = DispatchQueue(label: "http.held-responses")

  init(
    configuration: HTTPServerConfiguration,
    handler: @escaping @Sendable (HTTPRequest) -> HTTPReply
  ) {
    self.configuration = configuration
    self.handler = handler
    watch = ConnectionWatch(configuration: configuration)
    bodies = BodyBudget(byteCountMax: configuration.allBodiesByteCountMax)
  }

  var isStopping: Bool { state.withLock(\.isStopping) }
  var exchangeCount: Int { state.withLock(\.exchangeCount) }

  func exchangeStarted() { state.withLock { $0.exchangeCount += 1 } }
  func exchangeEnded() { state.withLock { $0.exchangeCount -= 1 } }

  /// New requests get 503 from now on, and held ones their own response.
  func beginStopping() {
    let held = state.withLock { state in
      state.isStopping = true
      defer { state.held = [:] }
      return Array(state.held.values)
    }
    for response in held { response.completeAsTimedOut() }
  }

  func reply(to request: HTTPRequest) -> HTTPReply { handler(request) }

  /// Keeps a held response until its time is over; completes it at once when the server is
  /// stopping, since nobody would wake it later.
  func hold(_ response: HTTPHeldResponse) {
    let id = ObjectIdentifier(response)
    let isStopping = state.withLock { state in
      if !state.isStopping { state.held[id] = response }
      return state.isStopping
    }
    guard !isStopping else { return response.completeAsTimedOut() }
    timers.asyncAfter(deadline: .now() + response.timeoutSeconds) { [weak response] in
      response?.completeAsTimedOut()
    }
  }

  func release(_ response: HTTPHeldResponse) {
    state.withLock { _ = $0.held.removeValue(forKey: ObjectIdentifier(response)) }
  }
}

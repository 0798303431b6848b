import Foundation

/// A response that is given later: for requests that wait for something to happen.
///
/// Whoever learns of it calls ``complete(_:)``, on any thread and also before the handler has
/// returned; the first call counts, later ones do nothing. When nobody does, it completes with its
/// own response after its time, and at once when the server stops.
public final class HTTPHeldResponse: Sendable {
  private struct State {
    var response: HTTPResponse?
    var onCompletion: (@Sendable () -> Void)?
  }

  private let state = Guarded(State())
  let timeoutSeconds: Double
  let timeoutResponse: HTTPResponse

  /// - Parameters:
  ///   - timeoutSeconds: from the handler's return.
  ///   - timeoutResponse: what to answer then, such as 204 for "nothing new".
  public init(timeoutSeconds: Double, timeoutResponse: HTTPResponse) {
    self.timeoutSeconds = timeoutSeconds
    self.timeoutResponse = timeoutResponse
  }

  /// Gives the response; false when it had one already.
  @discardableResult
  public func complete(_ response: HTTPResponse) -> Bool {
    let (isFirst, wake) = state.withLock { state in
      guard state.response == nil else { return (false, nil as (@Sendable () -> Void)?) }
      state.response = response
      defer { state.onCompletion = nil }
      return (true, state.onCompletion)
    }
    wake?()
    return isFirst
  }

  var response: HTTPResponse? { state.withLock(\.response) }

  func completeAsTimedOut() { complete(timeoutResponse) }

  /// Calls `action` once the response is there: now, if it is.
  func whenCompleted(_ action: @escaping @Sendable () -> Void) {
    let isCompleted = state.withLock { state in
      precondition(state.onCompletion == nil, "a held response answers one request")
      if state.response == nil { state.onCompletion = action }
      return state.response != nil
    }
    if isCompleted { action() }
  }
}

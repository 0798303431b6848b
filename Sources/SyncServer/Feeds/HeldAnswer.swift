import SyncProtocol

/// An answer that is given when there is something to tell.
public final class HeldAnswer: Sendable {
  private struct State {
    var response: Response?
    var action: (@Sendable (Response) -> Void)?
  }

  /// How long it may be held.
  public let holdMilliseconds: UInt64
  /// What to answer then: that there is nothing new.
  public let idleResponse: Response
  private let state = Guarded(State())

  init(holdMilliseconds: UInt64, idleResponse: Response) {
    self.holdMilliseconds = holdMilliseconds
    self.idleResponse = idleResponse
  }

  /// The first answer counts.
  func give(_ response: Response) {
    let action = state.withLock { state in
      defer { state.action = nil }
      guard state.response == nil else { return nil as (@Sendable (Response) -> Void)? }
      state.response = response
      return state.action
    }
    action?(response)
  }

  /// Calls `action` once there is an answer, at once where there is one; on any thread. It may be that
  /// there never is one.
  public func whenGiven(_ action: @escaping @Sendable (Response) -> Void) {
    let response = state.withLock { state in
      if state.response == nil { state.action = action }
      return state.response
    }
    if let response { action(response) }
  }
}

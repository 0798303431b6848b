import Foundation
import Synchronization

/// Notices the request to end, `SIGTERM` or `SIGINT`, so that a program can stop in order.
///
/// From its creation the signals no longer end the process. After the first one they do again: who
/// presses Ctrl-C twice does not want to wait.
///
/// `@unchecked Sendable`: the sources are set before the initialiser returns, and Dispatch's own
/// calls are safe from all threads.
public final class TerminationSignal: @unchecked Sendable {
  private static let numbers = [SIGTERM, SIGINT]

  private let isRaised = Atomic(false)
  private let raised = DispatchSemaphore(value: 0)
  private let sources: [any DispatchSourceSignal]

  public init() {
    let queue = DispatchQueue(label: "terminal.termination-signal")
    sources = TerminationSignal.numbers.map { number in
      // Dispatch only notices what the process does not act on itself.
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: queue)
    }
    for source in sources {
      source.setEventHandler { [weak self] in self?.raise() }
      source.resume()
    }
  }

  deinit {
    for source in sources { source.cancel() }
    for number in TerminationSignal.numbers { signal(number, SIG_DFL) }
  }

  private func raise() {
    for number in TerminationSignal.numbers { signal(number, SIG_DFL) }
    isRaised.store(true, ordering: .releasing)
    raised.signal()
  }

  /// Whether the request has come; for work that asks now and then.
  public var hasCome: Bool { isRaised.load(ordering: .acquiring) }

  /// Blocks until the request comes; false when the time was over first.
  @discardableResult
  public func wait(timeoutSeconds: Double? = nil) -> Bool {
    guard !hasCome else { return true }
    guard let timeoutSeconds else {
      raised.wait()
      raised.signal()
      return true
    }
    guard raised.wait(timeout: .now() + timeoutSeconds) == .success else { return false }
    raised.signal()
    return true
  }

  /// Blocks until the request comes. Signals before the call end the process; a program that starts
  /// slowly creates a ``TerminationSignal`` first.
  public static func wait() { TerminationSignal().wait() }
}

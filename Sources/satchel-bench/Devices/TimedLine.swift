import Replica
import SyncProtocol

/// A line that says how long the other side took, so that a device's own work can be told apart.
final class TimedLine: Transport {
  private let line: any Transport
  /// Spent in the server since the last ``reset()``.
  private(set) var seconds = 0.0

  init(_ line: any Transport) { self.line = line }

  func reset() { seconds = 0 }

  func send(_ request: Request) throws(TransportError) -> Response {
    let start = ContinuousClock.now
    defer {
      let spent = (ContinuousClock.now - start).components
      seconds += Double(spent.seconds) + Double(spent.attoseconds) / 1e18
    }
    return try line.send(request)
  }
}

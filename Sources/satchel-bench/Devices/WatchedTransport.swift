import Replica
import SyncProtocol

/// Looks at what passes between a device and a server: how many bytes, and how long each took.
final class WatchedTransport: Transport {
  struct Exchange {
    let request: Request
    let response: Response
    let seconds: Double

    var isAnswered: Bool { if case .success = response { true } else { false } }

    var bodyByteCount: Int {
      guard case .success(let body) = response else { return request.body.count }
      return request.body.count + body.count
    }

    /// The bodies, and as much for the heads of both messages as HTTP/1.1 here needs at most.
    var wireByteCount: Int { bodyByteCount + 512 }
  }

  private let line: any Transport
  private(set) var exchanges: [Exchange] = []

  init(_ line: any Transport) { self.line = line }

  func send(_ request: Request) throws(TransportError) -> Response {
    let clock = ContinuousClock()
    let start = clock.now
    let response = try line.send(request)
    let seconds = (clock.now - start) / .seconds(1)
    exchanges.append(Exchange(request: request, response: response, seconds: seconds))
    return response
  }

  func reset() { exchanges = [] }

  func exchanges(with path: String) -> [Exchange] { exchanges.filter { $0.request.path == path } }
}

import Merge
import Replica
import SyncProtocol
import SyncServer

/// One party's line to the server, in the same process, with all that can go wrong on it.
package final class Network: Transport {
  package enum Fault {
    case none
    /// Never arrives.
    case loseRequest
    /// Arrives and is handled; the answer is lost.
    case loseResponse
    /// Arrives twice; the second answer is the one that comes back.
    case duplicateRequest
    /// Arrives only with ``deliverLate()``, when nobody waits for an answer any more.
    case delayRequest
  }

  /// `nil` while the server's process is down.
  package var server: SyncServer?
  package var isOffline = false
  /// Whether requests arrive and no answer does.
  package var isDeaf = false
  /// What becomes of a request, by its number since the last ``reset()``.
  package var fault: (Int, Request) -> Fault = { _, _ in .none }
  /// What a dishonest server, or somebody in the middle, makes of an answer.
  package var alter: (Request, Response) -> Response = { $1 }
  /// What a planted bug makes of a request; not undone by ``reset()``.
  var plantedRequest: (Request) -> Request = { $0 }
  /// What a planted bug makes of an answer, or of its arrival; not undone by ``reset()``.
  package var planted: (Request, Response) -> Response? = { $1 }
  /// Whether the server's process has ended while it handled a request.
  package var isDown: () -> Bool = { false }
  /// All requests since the last ``reset()``, arrived or not.
  package private(set) var requests: [Request] = []
  package var requestCount: Int { requests.count }
  private let clock: VirtualClock

  package init(_ clock: VirtualClock) { self.clock = clock }

  private var late: [Request] = []

  /// What was held up arrives, after all that was sent since.
  ///
  /// - Returns: how many requests.
  package func deliverLate() -> Int {
    let requests = late
    late = []
    for request in requests { _ = server?.handle(request) }
    return requests.count
  }

  /// An honest line again, and counting from 0.
  package func reset() {
    isOffline = false
    isDeaf = false
    fault = { _, _ in .none }
    alter = { $1 }
    requests = []
  }

  package func send(_ request: Request) throws(TransportError) -> Response {
    let number = requests.count
    requests.append(request)
    clock.advance(milliseconds: 7)
    guard let server, !isOffline else { throw .notReachable("offline") }
    if isDeaf {
      _ = try answer(request, server)
      throw .timedOut
    }
    switch fault(number, request) {
    case .none: return try answer(request, server)
    case .loseRequest: throw .timedOut
    case .loseResponse:
      _ = try answer(request, server)
      throw .timedOut
    case .delayRequest:
      late.append(request)
      throw .timedOut
    case .duplicateRequest:
      _ = try answer(request, server)
      return try answer(request, server)
    }
  }

  private func answer(
    _ request: Request, _ server: SyncServer
  ) throws(TransportError) -> Response {
    let response = isDown() ? nil : server.handle(plantedRequest(request))
    guard let response, !isDown() else { throw .notReachable("the server is down") }
    guard let answer = planted(request, alter(request, response)) else { throw .timedOut }
    return answer
  }
}

extension Request {
  /// The space that a pull asks for; `nil` for other requests.
  package var pulledSpace: SpaceID? {
    guard path == Path.pull else { return nil }
    do {
      return try PullRequest(decoding: body).space
    } catch {
      return nil
    }
  }
}

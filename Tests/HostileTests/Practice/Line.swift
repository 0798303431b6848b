import HTTP
import Simulation
import SyncProtocol
import Synchronization

@testable import satchel_server

/// One device's line to the server over HTTP, with all the lies that are told on it.
final class Line: Sendable {
  private let http: HTTPServer

  /// - Parameter turn: shared by all lines of one practice.
  init(_ party: Party, _ turn: Turn) throws {
    let end = End(network: party.network)
    http = HTTPServer(HTTPServerConfiguration()) { request in
      guard let message = HTTPAnswer.request(request) else { return HTTPAnswer.failure(.notFound) }
      return turn.take { end.answer(message) }
    }
    try http.start()
  }

  var url: String { http.address }

  func close() { http.stop(graceSeconds: 0) }

  /// Lets one request at a time at what is not made for several threads.
  final class Turn: Sendable {
    private let mutex = Mutex(())

    func take<Result>(_ body: () -> Result) -> Result { mutex.withLock { _ in body() } }
  }

  /// Where requests come out. Only in ``Turn``, and while the test itself waits for a program or an
  /// answer: so no two threads are ever at the network.
  private struct End: @unchecked Sendable {
    let network: Network

    func answer(_ request: Request) -> HTTPResponse {
      do {
        return HTTPAnswer.response(try network.send(request), to: request.path)
      } catch {
        return HTTPResponse(status: 503, headers: [:], body: [])
      }
    }
  }
}

import SyncProtocol

/// What carries requests to the server and answers back: HTTP in the commands, a virtual network in
/// the simulator.
public protocol Transport {
  /// Blocks until there is an answer.
  func send(_ request: Request) throws(TransportError) -> Response
  /// Sends several requests, of which none rests on another's answer. The answers are in their order;
  /// after a failure there may be none.
  func send(_ requests: [Request]) -> [Result<Response, TransportError>]
}

extension Transport {
  /// One after the other.
  public func send(_ requests: [Request]) -> [Result<Response, TransportError>] {
    var answers: [Result<Response, TransportError>] = []
    for request in requests {
      do throws(TransportError) {
        answers.append(.success(try send(request)))
      } catch {
        answers.append(.failure(error))
        break
      }
    }
    return answers
  }
}

/// Why there was no answer. The request may or may not have arrived; every request can be repeated.
public enum TransportError: Error, Hashable, Sendable {
  case notReachable(String)
  case timedOut
  /// The server's certificate is not trusted, or TLS failed otherwise.
  case notTrusted(String)
  /// What answered does not speak the protocol.
  case notSatchel
}

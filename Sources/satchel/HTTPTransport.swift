import Foundation
import HTTP
import Replica
import SyncProtocol
import Terminal

/// Carries requests over HTTP.
final class HTTPTransport: Transport, Sendable {
  private let client: HTTPClient
  private let timeoutSeconds: Double

  init(url: String, authorityFile: String?) throws {
    var configuration = HTTPClientConfiguration(baseURL: url)
    timeoutSeconds = configuration.requestTimeoutSeconds
    if let authorityFile {
      configuration.certificateAuthorityPEM = try String(
        contentsOfFile: authorityFile, encoding: .utf8)
    }
    do {
      client = try HTTPClient(configuration)
    } catch HTTPClientError.badURL {
      throw Failure(
        "“\(url)” is not the address of a server", hint: "it looks like http://127.0.0.1:8080",
        exitCode: .usage)
    }
  }

  func send(_ request: SyncProtocol.Request) throws(TransportError) -> Response {
    var headers: HTTPHeaders = [:]
    if let token = request.token { headers.append("Authorization", "Bearer \(token)") }
    if !request.body.isEmpty { headers.append("Content-Type", "application/cbor") }
    let response = try answer(to: request, headers)
    if (200..<300).contains(response.status) { return .success(response.body) }
    guard let code = response.headers["Satchel-Error"].flatMap(ErrorCode.init(rawValue:)) else {
      throw .notSatchel
    }
    return .failure(code)
  }

  /// At the same time, on a connection each.
  func send(_ requests: [SyncProtocol.Request]) -> [Result<Response, TransportError>] {
    let answers = Answers(count: requests.count)
    let group = DispatchGroup()
    // Threads of their own: they wait for the server more than they compute.
    for index in requests.indices {
      group.enter()
      Thread.detachNewThread { [self] in
        do throws(TransportError) {
          answers.set(.success(try send(requests[index])), at: index)
        } catch {
          answers.set(.failure(error), at: index)
        }
        group.leave()
      }
    }
    group.wait()
    return answers.all
  }

  /// `@unchecked Sendable`: touched only under the lock.
  private final class Answers: @unchecked Sendable {
    private let lock = NSLock()
    private var answers: [Result<Response, TransportError>?]

    init(count: Int) { answers = Array(repeating: nil, count: count) }

    func set(_ answer: Result<Response, TransportError>, at index: Int) {
      lock.withLock { answers[index] = answer }
    }

    var all: [Result<Response, TransportError>] { lock.withLock { answers.compactMap { $0 } } }
  }

  private func answer(
    to request: SyncProtocol.Request, _ headers: HTTPHeaders
  ) throws(TransportError) -> HTTPResponse {
    do throws(HTTPClientError) {
      return try client.send(
        method: request.method.rawValue, path: request.path, headers: headers, body: request.body,
        timeoutSeconds: timeoutSeconds + Double(request.holdMilliseconds) / 1000)
    } catch {
      switch error {
      case .timedOut: throw .timedOut
      case .tlsFailure(let reason): throw .notTrusted(reason)
      case .notReachable(let reason): throw .notReachable(reason)
      case .responseTooLarge, .badURL, .badHeader: throw .notSatchel
      case .interrupted: throw .notReachable("interrupted")
      }
    }
  }
}

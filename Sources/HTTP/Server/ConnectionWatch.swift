import Foundation

/// Cuts connections that take too long for one request or one response.
///
/// The library's own limit is for silence only: a client that sends one byte now and then would
/// hold its connection for ever.
final class ConnectionWatch: Sendable {
  /// Names a connection; never followed as a pointer here.
  typealias Key = UInt

  private struct Watched {
    let descriptor: Int32
    /// nil: the handler is at work, its time does not count.
    var deadline: DispatchTime?
  }

  private let watched = Guarded<[Key: Watched]>([:])
  private let receiveSeconds: Int
  private let sendSeconds: Int

  init(configuration: HTTPServerConfiguration) {
    // A kept-alive connection may first be silent for the idle time, which shows nowhere but here.
    receiveSeconds = configuration.idleTimeoutSeconds + configuration.requestTimeoutSeconds
    sendSeconds = configuration.requestTimeoutSeconds
  }

  /// Connections that are open now.
  var count: Int { watched.withLock(\.count) }

  func connectionOpened(_ key: Key, descriptor: Int32) {
    let deadline = DispatchTime.now() + .seconds(receiveSeconds)
    watched.withLock { $0[key] = Watched(descriptor: descriptor, deadline: deadline) }
  }

  func requestReceived(_ key: Key) {
    watched.withLock { $0[key]?.deadline = nil }
  }

  func responseQueued(_ key: Key) {
    let deadline = DispatchTime.now() + .seconds(sendSeconds)
    watched.withLock { $0[key]?.deadline = deadline }
  }

  func requestCompleted(_ key: Key) {
    let deadline = DispatchTime.now() + .seconds(receiveSeconds)
    watched.withLock { $0[key]?.deadline = deadline }
  }

  /// The library closes the socket after this call, so a number is never cut after its reuse.
  func connectionClosed(_ key: Key) {
    watched.withLock { _ = $0.removeValue(forKey: key) }
  }

  /// Cuts what is overdue; the library then sees the end of the connection and cleans up.
  func cutOverdue() {
    let now = DispatchTime.now()
    watched.withLock { watched in
      for (_, connection) in watched {
        guard let deadline = connection.deadline, deadline <= now else { continue }
        shutdown(connection.descriptor, Int32(SHUT_RDWR))
      }
    }
  }
}

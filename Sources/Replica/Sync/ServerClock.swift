import Merge

/// Whether the server's clock goes on. A server that holds a device back in the past, or a consent's end
/// off, has to let its time stand still or run backwards.
extension Replica {
  /// How far behind what it has signed before the server's time may be.
  private static var backwardsMillisecondsMax: UInt64 { 5 * 60 * 1000 }
  /// Own time in which the server's has to have gone on.
  private static var stillMillisecondsMax: UInt64 { 24 * 60 * 60 * 1000 }
  /// By how much, to have gone on.
  private static var goneOnMilliseconds: UInt64 { 60 * 60 * 1000 }

  /// Compares the clocks at the beginning of a session, and keeps what is wrong until it is not.
  ///
  /// - Parameter own: the device's clock as it is, not held back.
  func compareClocks(own: UInt64, server: UInt64) throws {
    let problem = try isBackwards(own, server) ?? isStill(own, server)
    if let problem {
      try settings.set(.serverClockProblem, text: problem)
      return
    }
    try settings.remove(.serverClockProblem)
    try settings.set(.clockBaseOwn, number: own)
    try settings.set(.clockBaseServer, number: server)
  }

  private func isBackwards(_ own: UInt64, _ server: UInt64) throws -> String? {
    let known = max(
      try settings.number(.latestLogTime) ?? 0, try settings.number(.clockBaseServer) ?? 0)
    guard server + Self.backwardsMillisecondsMax < known else { return nil }
    // Where the own clock too says that it was ahead before, it is right now.
    guard known <= own + Self.stillMillisecondsMax else { return nil }
    return "the server's clock is behind what it was before"
  }

  private func isStill(_ own: UInt64, _ server: UInt64) throws -> String? {
    guard let baseOwn = try settings.number(.clockBaseOwn),
      let baseServer = try settings.number(.clockBaseServer)
    else { return nil }
    let went = own > baseOwn ? own - baseOwn : 0
    let serverWent = server > baseServer ? server - baseServer : 0
    guard went > Self.stillMillisecondsMax, serverWent < Self.goneOnMilliseconds else {
      return nil
    }
    // An own clock that was behind and was put right has gone on as well, and says nothing.
    guard own > server, own - server > Self.stillMillisecondsMax - Self.goneOnMilliseconds else {
      return nil
    }
    return "the server's clock stands still"
  }

  /// The latest time that any log says, as far as this device has verified them.
  func noteLogTime(_ milliseconds: UInt64) throws {
    guard milliseconds > (try settings.number(.latestLogTime) ?? 0) else { return }
    try settings.set(.latestLogTime, number: milliseconds)
  }

  /// What gives somebody access waits until the server's clock goes on: consents and shares end by it.
  ///
  /// - Throws: ``ReplicaError/serverClock(_:)``
  func requireServerClock() throws {
    if let problem = try settings.text(.serverClockProblem) {
      throw ReplicaError.serverClock(problem)
    }
  }
}

import Merge
import SyncProtocol

extension Replica {
  /// Sends what is unsent and takes in what is new, with every space on its own: trouble in one does
  /// not hold up the others.
  ///
  /// A locked home only pulls and purges. Everything can be cut off at any moment and repeated.
  ///
  /// - Throws: ``ReplicaError/notReachable(_:)`` and what no space could go on with.
  /// - Parameter onBytes: told how many bytes of files have been sent or fetched, of how many.
  public func sync(
    _ transport: any Transport, onBytes: ByteProgress = { _, _ in }
  ) throws -> SyncReport {
    try syncConnecting(transport, onBytes: onBytes).report
  }

  /// - Returns: also the connection; `nil` where the device takes its leave.
  func syncConnecting(
    _ transport: any Transport, onBytes: ByteProgress = { _, _ in }
  ) throws -> (report: SyncReport, connection: Connection?) {
    if try wasRevoked() { return (try leaveAccount(transport), nil) }
    if try isLoggedOut() { throw ReplicaError.loggedOut }
    do {
      var report = SyncReport()
      let emergencies = try emergencyDeposits(at: settings.number(.lastSync))
      let connection = try connect(transport, &report)
      try finishRound(connection, &report, since: emergencies, onBytes)
      return (report, connection)
    } catch ReplicaError.server(.deviceRevoked) {
      return (try leaveAccount(transport), nil)
    }
  }

  /// All of a sync that comes after a session was opened.
  ///
  /// - Parameter emergencies: the deposits as they stood at the last sync.
  func finishRound(
    _ connection: Connection, _ report: inout SyncReport,
    since emergencies: [EmergencyDeposit]? = nil, _ onBytes: ByteProgress = { _, _ in }
  ) throws {
    let emergencies = try emergencies ?? emergencyDeposits(at: settings.number(.lastSync))
    let requests = try requestStates()
    let assignments = try saidToAssignments()
    if !isLocked {
      try resendObjects(connection, &report, isPulled: false, onBytes)
      try pushAll(connection, &report, onBytes: onBytes)
    }
    try pullAll(connection, &report)
    if !isLocked {
      try resendObjects(connection, &report, isPulled: true, onBytes)
      do {
        try doAllDuties(connection, &report, onBytes)
      } catch let error as ReplicaError {
        try report.keep(error, while: "keys and spaces")
      }
      try fetchFiles(connection, &report, onBytes)
      try fetchReceipts(connection, &report)
      try tellWhoAsksToJoin(connection, &report)
    }
    // Names may have come since somebody was last named.
    nameCache = [:]
    try tellAccountNews(&report)
    if try isFreshnessUnproven() { report.warnings.append(Self.freshnessWarning) }
    try reportPurges(connection)
    report.news += try requestNews(since: requests)
    report.news += try assignmentNews(since: assignments)
    report.news += try emergencyNews(since: emergencies)
    try settings.set(.lastSync, number: try nowMilliseconds)
  }

  private static var freshnessWarning: String {
    "this device was restored, and nobody else has confirmed yet that what the server shows is new: "
      + "see `satchel device confirm`"
  }

  /// What the pull brought may ask for statements, keys and commits of our own.
  private func doAllDuties(
    _ connection: Connection, _ report: inout SyncReport, _ onBytes: ByteProgress
  ) throws {
    for _ in 0..<Self.dutyRoundsMax {
      guard try doDuties(connection, &report) else {
        roundIsOwed = false
        return
      }
      try pushAll(connection, &report, onBytes: onBytes)
      try pullAll(connection, &report)
    }
    roundIsOwed = true
  }

  /// Opening a space, its key, a first commit in it: one thing may lead to the next a few times.
  private static var dutyRoundsMax: Int { 6 }

  /// Opens a session, finishing a registration first that was cut off.
  func connect(_ transport: any Transport, _ report: inout SyncReport) throws -> Connection {
    if try wasRevoked() { throw ReplicaError.deviceRevoked }
    try requireRestored()
    let connection = Connection(transport) { [self] bytes, kind in
      try keepEvidence(.other(bytes), kind: kind, space: nil)
    }
    let info = try connection.info(
      expecting: identity.server, known: identity.certificate)
    try finishRegistration(connection)
    do {
      try openSession(connection, &report)
    } catch ReplicaError.server(.deviceUnknown) {
      // A restored server may not know that it has ever met this account.
      guard try handBackOwnChain(connection) else {
        throw ReplicaError.server(.deviceUnknown)
      }
      try openSession(connection, &report)
    }
    try followRestore(info, connection, &report)
    return connection
  }

  private func openSession(_ connection: Connection, _ report: inout SyncReport) throws {
    if let keys {
      try connection.openSession(
        identity, scope: .full, key: keys.identity(), onTime: noteServerTime)
    } else {
      report.wasLocked = true
      try connection.openSession(
        identity, scope: .pull, key: try settings.transportKey(), onTime: noteServerTime)
    }
    if let problem = try settings.text(.serverClockProblem) { report.warnings.append(problem) }
  }

  /// Clamps the writer's clock from here on: never ahead of the server's.
  private func noteServerTime(_ serverMilliseconds: UInt64) throws {
    let local = environment.nowMilliseconds()
    try transaction {
      try compareClocks(own: local, server: serverMilliseconds)
      let ahead = local > serverMilliseconds ? local - serverMilliseconds : 0
      // A second is a slow answer, not a wrong clock.
      try settings.set(.clockAhead, number: ahead > 1000 ? ahead : 0)
      // Readings that were handed out ahead of time are refused and written anew from here.
      let limit = serverMilliseconds + HybridClock.aheadMillisecondsMax
      try forgetTime(after: limit, now: serverMilliseconds)
      if clock.last.milliseconds > limit {
        clock = HybridClock(last: HybridTime(milliseconds: serverMilliseconds, counter: 0))
        try settings.set(.clock, number: clock.last.rawValue)
      }
    }
  }

  private func fetchFiles(
    _ connection: Connection, _ report: inout SyncReport, _ onBytes: ByteProgress
  ) throws {
    do {
      try fetchObjects(connection, onBytes: onBytes)
    } catch let error as ReplicaError {
      try report.keep(error, while: "files")
    }
  }
}

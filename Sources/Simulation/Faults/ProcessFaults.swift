/// What ends processes.
extension StepKind {
  static let deviceCrash = StepKind("device crash", weight: 6) { run, party in
    let number = run.generator.below(20)
    let isWriting = run.generator.oneIn(3)
    var done = ""
    let isReached = try party.crash(at: number) {
      done = try isWriting ? run.act(party, times: 4) : run.sync(party)
    }
    guard isReached else { return "no crash at \(number): \(done)" }
    run.count("device crash")
    try run.options.plantedBug?.afterCrash(party)
    return "crash at \(number) \(isWriting ? "writing" : "syncing")"
  }

  /// Between blobs, wraps and commits: before a request leaves, or before its answer comes.
  static let crashBetweenRequests = StepKind("crash between requests", weight: 3) { run, party in
    let number = run.generator.below(24)
    let hasArrived = run.generator.oneIn(2)
    var done = ""
    let isReached = try party.crash(atRequest: number, hasArrived: hasArrived) {
      done = try run.sync(party)
    }
    guard isReached else { return "no crash at \(number): \(done)" }
    run.count("device crash")
    try run.options.plantedBug?.afterCrash(party)
    return "crash at request \(number), \(hasArrived ? "sent" : "not sent")"
  }

  static let serverCrash = StepKind("server crash", weight: 3) { run, party in
    let number = run.generator.below(10)
    var done = ""
    let isReached = try run.world.crashServer(at: number) { done = try run.sync(party) }
    if isReached { run.count("server crash") }
    return "server crash at \(number): \(isReached) \(done)"
  }

  static let serverRestart = StepKind("server restart", weight: 2) { run, _ in
    try run.world.restartServer { try run.options.plantedBug?.betweenServers(run.world) }
    run.count("server restart")
    return "server restart"
  }
}

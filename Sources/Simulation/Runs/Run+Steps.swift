import Merge
import Replica

extension Run {
  /// One thing that somebody does, or that goes wrong.
  func step(_ number: Int) throws {
    let name = generator.pick([
      "admin", "client", "client", "client", "tablet", "tablet", "tablet", "practitioner",
      "practitioner", "practitioner",
    ])
    let party = world[name]
    world.clock.advance(milliseconds: generator.next() % 4000)
    endPartitions()
    try restoreServerWhereDue(number)
    if generator.oneIn(12) { try party.backUp() }
    let done = try perform(generator.below(100), party)
    trace.note("\(number) \(name) \(done)")
    outcome.eventCount += 1
    try checkStep(party)
    if number % 16 == 15 { try checkEverything() }
  }

  private func perform(_ number: Int, _ party: Party) throws -> String {
    switch number {
    case 0..<55: try act(party, times: 1 + generator.below(3))
    case 55..<70: try sync(party)
    case 70..<80: try syncBadly(party)
    case 80..<86: try crash(party)
    case 86..<89: try crashServer(party)
    case 89..<91: try restartServer()
    case 91..<93: partition(party)
    case 93..<94: cutAnswers(party)
    case 94..<97: jump(party)
    case 97..<98: letTimePass()
    case 98..<99: try restoreHome(party)
    default: try syncLocked(party)
    }
  }

  private func act(_ party: Party, times: Int) throws -> String {
    var done: [String] = []
    for _ in 0..<times {
      let action = workload.choose(for: party)
      done.append("\(action) " + (try attempt { try workload.perform(action, by: party) }))
      world.clock.advance(milliseconds: 500)
    }
    return done.joined(separator: "; ")
  }

  func sync(_ party: Party) throws -> String {
    try attempt {
      let report = try party.sync()
      if report.sawDishonesty { violate("honesty", ["\(party.name): \(report.problems)"]) }
      return "sync sent \(report.acceptedCount) refused \(report.refused.count) "
        + "pulled \(report.pulledCount) \(report.problems)"
        + report.deferred.map { " \($0)" }.sorted().joined()
        + report.news.map { "; \($0)" }.joined()
    }
  }

  // MARK: Faults

  private func syncBadly(_ party: Party) throws -> String {
    let number = generator.below(24)
    let (kind, fault) = generator.pick([
      ("lost request", Network.Fault.loseRequest), ("lost response", .loseResponse),
      ("duplicated request", .duplicateRequest), ("delayed request", .delayRequest),
    ])
    let first = party.network.requestCount
    var isReached = false
    party.network.fault = { index, _ in
      guard index == first + number else { return .none }
      isReached = true
      return fault
    }
    let done = try sync(party)
    party.network.fault = { _, _ in .none }
    if isReached { count(kind) }
    return "\(kind) \(number): \(done)"
  }

  private func crash(_ party: Party) throws -> String {
    let number = generator.below(20)
    let isWriting = generator.oneIn(3)
    var done = ""
    let isReached = try party.crash(at: number) {
      done = try isWriting ? act(party, times: 4) : sync(party)
    }
    guard isReached else { return "no crash at \(number): \(done)" }
    count("device crash")
    if let bug = options.plantedBug { try bug.afterCrash(of: party) }
    return "crash at \(number) \(isWriting ? "writing" : "syncing")"
  }

  private func crashServer(_ party: Party) throws -> String {
    let number = generator.below(10)
    var done = ""
    let isReached = try world.crashServer(at: number) { done = try sync(party) }
    if isReached { count("server crash") }
    return "server crash at \(number): \(isReached) \(done)"
  }

  private func restartServer() throws -> String {
    try world.restartServer { try options.plantedBug?.betweenServers(in: world) }
    count("server restart")
    return "server restart"
  }

  private func partition(_ party: Party) -> String {
    let stepCount = 2 + generator.below(12)
    partitions[party.name] = stepCount
    party.network.isOffline = true
    count("partition")
    return "cut off for \(stepCount)"
  }

  /// Requests arrive, answers do not.
  private func cutAnswers(_ party: Party) -> String {
    let stepCount = 2 + generator.below(8)
    partitions[party.name] = stepCount
    party.network.isDeaf = true
    count("one-way partition")
    return "hears nothing for \(stepCount)"
  }

  private func endPartitions() {
    for name in partitions.keys.sorted() {
      let left = (partitions[name] ?? 1) - 1
      partitions[name] = left > 0 ? left : nil
      if left <= 0 { reconnect(world[name]) }
    }
    for party in parties where generator.oneIn(5) {
      let lateCount = party.network.deliverLate()
      if lateCount > 0 { trace.note("\(party.name)'s late requests: \(lateCount)") }
    }
  }

  func reconnect(_ party: Party) {
    party.network.isOffline = false
    party.network.isDeaf = false
  }

  private func restoreHome(_ party: Party) throws -> String {
    guard party.hasBackup, !serverWasRestored else { return "no backup" }
    try party.restoreBackup()
    count("home restored")
    restored.insert(party.name)
    // What was never sent is lost with the disk that it was on.
    let lost = try world.unaccounted(written.filter { $0.party == party.name })
    for (item, _) in lost { written.remove(item) }
    return "home restored, \(lost.count) lost"
  }

  private func jump(_ party: Party) -> String {
    let hour: Int64 = 60 * 60 * 1000
    let offset = generator.pick([0, 1, 3, -3, -1, 30, -400 * 24]) * hour
    party.clock.offsetMilliseconds = offset
    count("clock jump")
    return "clock off by \(offset)"
  }

  private func letTimePass() -> String {
    let hours = UInt64(generator.pick([1, 5, 80]))
    world.clock.advance(milliseconds: hours * 60 * 60 * 1000)
    count("long pause")
    return "\(hours) hours pass"
  }

  private func syncLocked(_ party: Party) throws -> String {
    party.replica.lock()
    let done = try sync(party)
    try party.unlock()
    return "locked \(done)"
  }
}

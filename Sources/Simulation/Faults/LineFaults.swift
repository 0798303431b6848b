/// What goes wrong on the way to the server and back.
extension StepKind {
  /// One request of a sync is lost, loses its answer, arrives twice or late.
  static let requestFault = StepKind("request fault", weight: 10) { run, party in
    let number = run.generator.below(24)
    let (kind, fault) = run.generator.pick([
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
    let done = try run.sync(party)
    party.network.fault = { _, _ in .none }
    if isReached { run.count(kind) }
    return "\(kind) \(number): \(done)"
  }

  static let partition = StepKind("partition", weight: 2) { run, party in
    let stepCount = 2 + run.generator.below(12)
    run.partitions[party.name] = stepCount
    party.network.isOffline = true
    run.count("partition")
    return "cut off for \(stepCount)"
  }

  /// Requests arrive, answers do not.
  static let answersCut = StepKind("one-way partition", weight: 1) { run, party in
    let stepCount = 2 + run.generator.below(8)
    run.partitions[party.name] = stepCount
    party.network.isDeaf = true
    run.count("one-way partition")
    return "hears nothing for \(stepCount)"
  }
}

extension Run {
  /// Lines come back when their time is over; what was held up arrives now and then.
  func endPartitions() {
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
}

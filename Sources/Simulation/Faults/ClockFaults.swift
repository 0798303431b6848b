/// What goes wrong with time.
extension StepKind {
  static let clockJump = StepKind("clock jump", weight: 3) { run, party in
    let hour: Int64 = 60 * 60 * 1000
    let offset = run.generator.pick([0, 1, 3, -3, -1, 30, -400 * 24]) * hour
    party.clock.offsetMilliseconds = offset
    run.count("clock jump")
    return "clock off by \(offset)"
  }

  /// The clock goes too fast or too slow from now on.
  static let clockDrift = StepKind("clock drift", weight: 2) { run, party in
    let perMille = Int64(run.generator.pick([-200, -50, -1, 1, 50, 200]))
    party.clock.drift(perMille: perMille)
    run.count("clock drift")
    return "\(perMille) ‰"
  }

  static let longPause = StepKind("long pause", weight: 1) { run, _ in
    let hours = UInt64(run.generator.pick([1, 5, 80]))
    run.world.clock.advance(milliseconds: hours * 60 * 60 * 1000)
    run.count("long pause")
    return "\(hours) hours pass"
  }

  /// A device in a drawer for a year, while the others go on.
  static let longAbsence = StepKind("year away", weight: 1) { run, party in
    guard !run.hasPassedYear else { return "one year is enough" }
    run.hasPassedYear = true
    run.partitions[party.name] = 4 + run.generator.below(30)
    party.network.isOffline = true
    run.world.clock.advance(milliseconds: 370 * 24 * 60 * 60 * 1000)
    run.count("year away")
    return "a year passes"
  }
}

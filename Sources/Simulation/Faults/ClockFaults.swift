/// What goes wrong with time.
extension StepKind {
  static let clockJump = StepKind("clock jump", weight: 3) { run, party in
    let hour: Int64 = 60 * 60 * 1000
    let offset = run.generator.pick([0, 1, 3, -3, -1, 30, -400 * 24]) * hour
    party.clock.offsetMilliseconds = offset
    run.count("clock jump")
    return "clock off by \(offset)"
  }

  static let longPause = StepKind("long pause", weight: 1) { run, _ in
    let hours = UInt64(run.generator.pick([1, 5, 80]))
    run.world.clock.advance(milliseconds: hours * 60 * 60 * 1000)
    run.count("long pause")
    return "\(hours) hours pass"
  }
}

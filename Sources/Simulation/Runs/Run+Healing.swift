import Merge
import Replica

extension Run {
  /// Rounds of everybody syncing, after which nothing may be left to do.
  private static var roundCountMax: Int { 6 }

  /// Everything works again, and everybody syncs: all must converge within a few rounds.
  func heal() throws {
    partitions = [:]
    for party in parties {
      reconnect(party)
      party.clock.offsetMilliseconds = 0
    }
    if serverWasRestored, !lostDevices.isEmpty {
      // Nobody brings what a lost home knew: the operator has waited for long enough.
      var options = World.serverOptions
      options.settlingMilliseconds = 0
      try world.restartServer(options)
    }
    if serverWasRestored {
      // A restored server takes nothing new of a chain before everybody has been there.
      for party in parties { _ = try sync(party) }
    }
    try restoreTeam()
    // What was opened in an emergency is over by then, and the vault's next key is owed.
    if emergencies.hasSeenAny { world.clock.advance(milliseconds: 25 * 60 * 60 * 1000) }
    try world.finishUpgrade()
    var left: [String] = []
    for round in 0..<Self.roundCountMax {
      left = []
      for party in parties {
        let done = try sync(party)
        trace.note("healing \(round) \(party.name) \(done)")
        try compareAgain(party)
      }
      for party in parties { left += try unfinished(party) }
      left += try owed()
      for party in parties { try checkStep(party) }
      if left.isEmpty { break }
    }
    violate("liveness", left)
  }

  private func unfinished(_ party: Party) throws -> [String] {
    var found: [String] = []
    let unsentCount = try party.unsentCount()
    if unsentCount > 0 { found.append("\(party.name) has \(unsentCount) commits to send") }
    for space in try party.presentSpaces() {
      let own = try party.replica.store.state(space).position
      let servers = try world.withServerStore { try $0.state(space).position }
      if own != servers {
        found.append("\(party.name) is at \(own.rawValue) of \(servers.rawValue) in \(space.hex)")
      }
    }
    return found
  }
}

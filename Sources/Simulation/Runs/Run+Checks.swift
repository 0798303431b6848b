import Merge
import Replica
import Signing
import SpaceStore
import SyncProtocol

extension Run {
  /// What is cheap enough for every step.
  func checkStep(_ party: Party) throws {
    let unsent = try noteWritten(by: party)
    violate("consent", try consents.differences(party, unsent: unsent))
  }

  /// Takes down what a device has acknowledged to its person and not sent yet.
  @discardableResult
  func noteWritten(by party: Party) throws -> [(written: Written, commit: Commit)] {
    let unsent = try party.unsent()
    for (item, commit) in unsent {
      written.insert(item)
      if !restored.contains(party.name) { contexts.note(item, commit) }
    }
    return unsent
  }

  /// What must hold at any moment, of everybody.
  func checkEverything() throws {
    try world.withServerStore { store in
      let news = try history.update(store)
      let spaces = history.logs.keys.sorted()
      try checkStates(store, spaces, "server")
      violate("journal", try journals.take(store, spaces, owner: "server"))
      violate("context", contexts.differences(news))
      violate("nonce", nonces.take(news))
      violate("shares", try ShareChecker(history: history).differences(store))
      let checker = ReferenceChecker(store: store, owner: "server", showsAccepted: true)
      for space in news.keys.sorted() {
        guard let log = history.logs[space] else { continue }
        violate("reference", try checker.differences(in: space, from: log.model))
        violate("removal", RemovalChecker().differences(log, try store.state(space)))
      }
      // What a restored server has lost may be what somebody has left for, until it comes back.
      for party in parties where !serverWasRestored || isHealed {
        let leaving = LeavingChecker(history: history)
        violate("leaving", try leaving.differences(party, store))
      }
    }
    for party in parties {
      let spaces = try party.presentSpaces()
      try checkStates(party.replica.store, spaces, party.name)
      violate("journal", try journals.take(party.replica.store, spaces, owner: party.name))
      violate("nonce", try nonces.take(party))
    }
  }

  /// Equal positions, equal logs and equal state: now, and whenever anybody was there before.
  private func checkStates(_ store: SpaceStore, _ spaces: [SpaceID], _ owner: String) throws {
    // Between a stub and what overwrote it a reader is behind its position, and knows it.
    for space in spaces where try !store.isIncomplete(space) {
      let head = try store.head(space)
      let place = Place(
        space: space, incarnation: head.incarnation, position: head.position,
        typeCount: store.schema.types.count)
      let digest = try store.digest(of: space).hex + head.hash.hex
      let known = comeTo[place] ?? (digest, owner)
      comeTo[place] = known
      if known.digest != digest {
        violate(
          "equality",
          ["\(known.owner) and \(owner) differ at \(place.position.rawValue) in \(space.hex)"])
      }
    }
  }

  /// What must hold once all is well.
  func checkEnd() throws {
    try checkEverything()
    try world.withServerStore { store in
      for thief in thieves {
        violate("removal", try ThiefChecker(thief: thief, history: history).differences(store))
      }
    }
    let held = try KeyRingChecker.held(by: parties)
    let gone = serverWasRestored ? try revokedDevices().union(lostDevices) : []
    for party in parties {
      let checker = ReferenceChecker(
        store: party.replica.store, owner: party.name, showsAccepted: true)
      // Everybody is where the server is by now, which the liveness checks have seen to.
      for space in try party.presentSpaces() {
        guard let log = history.logs[space] else { continue }
        violate("reference", try checker.differences(in: space, from: log.model))
      }
      violate("files", try FileChecker(party: party, gone: gone).problems())
      violate("keys", try KeyRingChecker(party: party, heldByAnybody: held).problems())
    }
    let items = written.sorted {
      ($0.party, $0.space, $0.origin) < ($1.party, $1.space, $1.origin)
    }
    let revoked = Set(try parties.filter { try $0.replica.wasRevoked() }.map(\.name))
    violate(
      "accounting",
      try world.unaccounted(items).filter { item, count in
        // A device that was taken out never hears what became of what it had sent, and keeps it.
        count == 0 || !(restored.contains(item.party) || revoked.contains(item.party))
      }.map { item, count in
        "\(item.party)'s \(item.origin.sequence) in \(item.space.hex) stands \(count) times"
          + " (\(item.changes.map { "\($0.operation) \($0.type) \($0.writes.map(\.key))" }))"
      })
    violate(
      "home",
      try HomeCheck.problems(
        of: parties, seed: seed, isEvery: serverWasRestored || !restored.isEmpty))
    violate("heads", try FreshReader(world: world).problems())
    violate("kits", try KitChecker(run: self).problems())
    violate("erasure", try ErasureChecker(run: self).problems())
    violate("emergency", try emergencies.problemsAtEnd(of: self))
    for folder in ["server"] + world.parties.keys.sorted() {
      violate(
        "canary",
        try CanaryChecker.findings(in: "\(world.folder.path)/\(folder)")
          .map { "\(folder)/\($0) holds what is sealed" })
    }
  }

  private func revokedDevices() throws -> Set<DeviceID> {
    Set(try parties.filter { try $0.replica.wasRevoked() }.map(\.replica.identity.device))
  }

  /// The logs themselves are part of what has to be the same for the same seed.
  func noteHeads() throws {
    try world.withServerStore { store in
      for space in try store.spaceIDs() {
        trace.note(try store.head(space).hash)
        try store.eachEntry(space) { _, entry in
          if case .commit = entry.content { outcome.commitCount += 1 }
        }
      }
    }
  }
}

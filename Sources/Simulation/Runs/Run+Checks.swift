import Merge
import Replica
import Signing
import SpaceStore
import SyncProtocol

extension Run {
  /// What is cheap enough for every step.
  func checkStep(_ party: Party) throws {
    for (item, _) in try party.unsent() { written.insert(item) }
    violate("consent", try ConsentChecker(party: party).differences())
  }

  /// What must hold at any moment, of everybody.
  func checkEverything() throws {
    for party in parties {
      let spaces = try party.presentSpaces()
      try checkStates(party.replica.store, spaces, party.name)
      violate(
        "journal", try journals.take(party.replica.store, spaces, owner: party.name))
    }
    try world.withServerStore { store in
      let spaces = try store.spaceIDs()
      try checkStates(store, spaces, "server")
      violate("journal", try journals.take(store, spaces, owner: "server"))
      let checker = ReferenceChecker(store: store, owner: "server", showsAccepted: true)
      for space in spaces { violate("reference", try checker.differences(in: space)) }
    }
  }

  /// Equal positions, equal state: now, and whenever anybody was there before.
  private func checkStates(_ store: SpaceStore, _ spaces: [SpaceID], _ owner: String) throws {
    for space in spaces {
      let state = try store.state(space)
      let place = Place(
        space: space, incarnation: state.incarnation, position: state.position)
      let digest = try Holdings(store, spaces: [space]).digest.hex
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
    for party in parties {
      let checker = ReferenceChecker(
        store: party.replica.store, owner: party.name, showsAccepted: true)
      for space in try party.presentSpaces() {
        violate("reference", try checker.differences(in: space))
      }
    }
    let items = written.sorted {
      ($0.party, $0.space, $0.origin) < ($1.party, $1.space, $1.origin)
    }
    violate(
      "accounting",
      try world.unaccounted(items).filter { item, count in
        count == 0 || !restored.contains(item.party)
      }.map { item, count in
        "\(item.party)'s \(item.origin.sequence) in \(item.space.hex) stands \(count) times"
      })
    violate("heads", try FreshReader(world: world).problems())
    for folder in ["server"] + world.parties.keys.sorted() {
      violate(
        "canary",
        try CanaryChecker.findings(in: "\(world.folder.path)/\(folder)")
          .map { "\(folder)/\($0) holds what is sealed" })
    }
  }

  /// The logs themselves are part of what has to be the same for the same seed.
  func noteHeads() throws {
    try world.withServerStore { store in
      for space in try store.spaceIDs() {
        trace.note(try store.head(space).hash)
        try store.eachEntry(space) { _, entry in
          if case .commit = entry { outcome.commitCount += 1 }
        }
      }
    }
  }
}

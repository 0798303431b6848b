import Merge
import Replica
import SpaceStore
import SyncProtocol

/// One run of one seed in which everybody works, and the server begins to lie to one device with one
/// lie. Whatever it is: the device shows what the honest history comes to, or it has said that something
/// is wrong, at the latest when it meets what somebody wrote who had seen that history; and nobody else
/// is troubled.
package final class LyingRun {
  package private(set) var lie: Lie
  package private(set) var violations: [Violation] = []
  /// Whether the device that was lied to has said so.
  package private(set) var isFlagged = false
  package private(set) var evidenceCount = 0

  private let seed: UInt64
  private let world: World
  private let server: LyingServer
  private var generator: SplitMix64
  private var workload: Workload
  private let victim: Party

  private static let stepCount = 30

  /// - Parameter lie: picked by the seed where `nil`.
  package init(seed: UInt64, lie: Lie? = nil) throws {
    self.seed = seed
    world = try SimulatedProcess.run { try World(seed: seed) }
    server = try LyingServer(world)
    generator = SplitMix64(seed: seed)
    workload = Workload(world, seed: seed &+ 0x11e5, isCareless: false)
    let picked = generator.pick(Lie.allCases)
    self.lie = lie ?? picked
    victim = world[generator.pick(["client", "tablet", "practitioner"])]
  }

  private var names: [String] { world.parties.keys.sorted() }

  package func perform() throws { try SimulatedProcess.run { try performAll() } }

  private func performAll() throws {
    try work(stepCount: Self.stepCount / 2)
    let spaces = try victim.presentSpaces().sorted()
    server.tell(lie, to: victim, about: generator.pick(spaces))
    try work(stepCount: Self.stepCount)
    // Something of everybody reaches the device that is lied to: two histories meet.
    for _ in 0..<2 {
      for name in names { try act(world[name]) }
      for name in names { try sync(world[name]) }
    }
    try sync(victim)
    if try !isFlagged && isFooled() { violate("a lie was believed: \(lie.rawValue)") }
    evidenceCount = try victim.replica.keptEvidence().count
    victim.network.reset()
    for _ in 0..<3 { for name in names { try sync(world[name]) } }
    if try !isFlagged && isFooled() { violate("does not come back: \(lie.rawValue)") }
  }

  private func work(stepCount: Int) throws {
    for _ in 0..<stepCount {
      let party = world[generator.pick(names)]
      world.clock.advance(milliseconds: generator.next() % 4000)
      if generator.oneIn(3) { try sync(party) } else { try act(party) }
    }
  }

  private func act(_ party: Party) throws {
    let action = workload.choose(for: party)
    do {
      _ = try action.perform(&workload, party)
    } catch let error as ReplicaError {
      if case .homeDamaged = error { violate("\(action.name) of \(party.name): \(error)") }
    } catch is AccessDenial {}
  }

  private func sync(_ party: Party) throws {
    do {
      let report = try party.sync()
      note(report, of: party)
    } catch let error as ReplicaError {
      guard party === victim, error.isAnAccusation else {
        return violate("\(party.name) could not sync: \(error)")
      }
      isFlagged = true
    }
    try checkShown(party)
  }

  private func note(_ report: SyncReport, of party: Party) {
    guard report.sawDishonesty || !report.warnings.isEmpty else { return }
    if party === victim {
      isFlagged = true
    } else {
      violate("\(party.name) was not lied to, and says: \(report.problems)")
    }
  }

  /// What is shown is what the log that was believed comes to, worked out in the plainest way.
  private func checkShown(_ party: Party) throws {
    let checker = ReferenceChecker(
      store: party.replica.store, owner: party.name, showsAccepted: false)
    for space in try party.presentSpaces() {
      // Where values are withheld, and the device knows it, nothing says what they are.
      if try party.replica.store.isIncomplete(space) { continue }
      var model = ReferenceModel()
      try party.replica.store.eachEntry(space) { try model.take($1, at: $0) }
      for difference in try checker.differences(in: space, from: model) { violate(difference) }
    }
  }

  /// Whether a log that the device believes is not the one that all others know, though it has taken
  /// in what somebody signed who had seen the other one.
  private func isFooled() throws -> Bool {
    for space in try victim.presentSpaces() {
      guard let place = try firstDifference(in: space) else {
        if try isLackingValues(in: space) { return true }
        continue
      }
      let last = try victim.replica.store.head(space).position
      if try hasMet(in: space, from: place, upTo: last) { return true }
    }
    return false
  }

  /// Whether the honest log comes to something else, under the same hashes, and the device does not
  /// know that anything is missing.
  private func isLackingValues(in space: SpaceID) throws -> Bool {
    let store = victim.replica.store
    let head = try store.head(space)
    if try store.isIncomplete(space) { return false }
    let digest = try store.digest(of: space)
    return try world.withServerStore { honest in
      try honest.head(space) == head && honest.digest(of: space) != digest
    }
  }

  private func firstDifference(in space: SpaceID) throws -> Position? {
    let store = victim.replica.store
    let number = try store.number(of: space)
    let last = try store.head(space).position
    return try world.withServerStore { honest in
      let other = try honest.number(of: space)
      var position = Position.zero
      while position < last {
        position = position.next
        let hash = try honest.log.headHash(space: other, at: position)
        if try store.log.headHash(space: number, at: position) != hash { return position }
      }
      return nil
    }
  }

  /// Whether the honest log has, within what the device took in, a change whose author's signature says
  /// that they had seen the place where the histories part.
  private func hasMet(in space: SpaceID, from place: Position, upTo last: Position) throws -> Bool {
    let own = [victim.replica.identity.device, world.server.certificate.device]
    return try world.withServerStore { store in
      let number = try store.number(of: space)
      var found = false
      try store.eachEntry(space) { position, entry in
        guard !found, position <= last, position > place,
          let device = entry.journalOrigin?.replica.device, !own.contains(device)
        else { return }
        let tails = try store.log.tails(space: number, of: [entry])
        found = tails.contains { $0.signature.seen.position >= place }
      }
      return found
    }
  }

  private func violate(_ explanation: String) {
    violations.append(Violation(seed: seed, checker: "lies", explanation: explanation))
  }
}

extension ReplicaError {
  /// Whether it says that the server, and nothing else, is at fault.
  fileprivate var isAnAccusation: Bool {
    switch self {
    case .dishonest, .otherServer, .server: true
    default: false
    }
  }
}

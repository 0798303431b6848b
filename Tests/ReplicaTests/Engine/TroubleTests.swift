import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Everything that can go wrong for honest people, in any order: first trouble, then healing.
@Suite struct TroubleTests {
  static let names = ["client", "tablet", "practitioner"]

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func afterTroubleAllIsWell(seed: UInt64) throws {
    var trouble = try Trouble(seed: seed)
    for _ in 0..<60 { try trouble.step() }
    let world = trouble.world
    for name in Self.names { world[name].clock.offsetMilliseconds = 0 }
    try world.settle()
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted(trouble.written)
    for name in Self.names {
      let kinds = try world[name].evidenceKinds()
      #expect(kinds == [], "\(name)")
    }
  }
}

private struct Trouble {
  let world: World
  private var generator: SplitMix64
  private var editor: Editor
  private var requested: [Written] = []

  init(seed: UInt64) throws {
    world = try World(seed: seed, opening: TroubleTests.names)
    generator = SplitMix64(seed: seed)
    editor = Editor(seed: seed &+ 1000)
  }

  var written: [Written] { editor.written + requested }

  mutating func step() throws {
    let party = world[generator.pick(TroubleTests.names)]
    world.clock.advance(milliseconds: generator.next() % 4000)
    switch generator.next() % 20 {
    case 0...6: try edit(party)
    case 7, 8: try decide()
    case 9, 10: try request()
    case 11...13: try syncBadly(party)
    case 14: try crash(party)
    case 15: try crashServer(party)
    case 16: try world.restartServer()
    case 17: try syncLocked(party)
    case 18:
      let hours = Int64(generator.next() % 7) - 3
      party.clock.offsetMilliseconds = hours * 60 * 60 * 1000
    default: try sync(party)
    }
  }

  /// What is refused or cannot be sealed at once was not written.
  private func attempt(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as ReplicaError {
      switch error {
      case .refused, .notReady, .notReachable, .server(.sessionExpired): return
      default: throw error
      }
    }
  }

  private mutating func edit(_ party: Party) throws {
    var editor = editor
    let world = world
    try attempt { try editor.edit(party, in: world, times: 2) }
    self.editor = editor
  }

  private mutating func decide() throws {
    let party = world[generator.oneIn(3) ? "tablet" : "client"]
    let word = generator.oneIn(2) ? "revoked" : "approved"
    try attempt {
      try party.replica.decide(word, on: party.replica.assignment(with: nil))
    }
  }

  private mutating func request() throws {
    let practitioner = world.practitioner
    guard let open = try practitioner.replica.engagement(of: world.facts.assignment) else {
      return
    }
    var written: Written?
    try attempt { written = try practitioner.makeAccessRequest(in: open, reason: "please") }
    if let written { requested.append(written) }
  }

  private func sync(_ party: Party) throws { try attempt { try party.sync() } }

  private mutating func syncBadly(_ party: Party) throws {
    let number = Int(generator.next() % 24)
    let fault = generator.pick([
      Network.Fault.loseRequest, .loseResponse, .duplicateRequest,
    ])
    party.network.reset()
    party.network.fault = { index, _ in index == number ? fault : .none }
    try sync(party)
    party.network.reset()
  }

  private mutating func crash(_ party: Party) throws {
    _ = try party.crash(at: Int(generator.next() % 16)) { try sync(party) }
  }

  private mutating func crashServer(_ party: Party) throws {
    _ = try world.crashServer(at: Int(generator.next() % 10)) { try sync(party) }
  }

  private func syncLocked(_ party: Party) throws {
    party.replica.lock()
    try sync(party)
    try party.unlock()
  }
}

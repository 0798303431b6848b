import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

@Suite struct ConvergenceTests {
  static let orders: [[String]] = [
    ["client", "tablet", "practitioner"], ["client", "practitioner", "tablet"],
    ["tablet", "client", "practitioner"], ["tablet", "practitioner", "client"],
    ["practitioner", "client", "tablet"], ["practitioner", "tablet", "client"],
  ]

  /// Three devices edit the same records offline and sync in every order.
  @Test(arguments: orders)
  func whatWasEditedApartComesTogether(_ order: [String]) throws {
    let world = try World(opening: order)
    var editor = Editor(seed: 11)
    for _ in 0..<4 {
      for name in order.sorted() { try editor.edit(world[name], in: world, times: 7) }
      for name in order { try world[name].sync() }
    }
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted(editor.written)
    #expect(editor.written.count > 60)
  }

  /// Syncs at random moments between the edits.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func syncsBetweenEditsComeTogether(seed: UInt64) throws {
    let world = try World(seed: seed, opening: ["client", "tablet", "practitioner"])
    var editor = Editor(seed: seed)
    var generator = SplitMix64(seed: seed &+ 100)
    for _ in 0..<80 {
      let party = world[generator.pick(["client", "tablet", "practitioner"])]
      if generator.oneIn(4) { try party.sync() } else { try editor.edit(party, in: world) }
      world.clock.advance(milliseconds: generator.next() % 3000)
    }
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted(editor.written)
  }

  @Test func aSecondSyncHasNothingToDo() throws {
    let world = try World(opening: ["client"])
    try world.client.sync()
    world.client.network.reset()
    let report = try world.client.sync()
    #expect(report == SyncReport())
    let paths = world.client.network.requests.map(\.path)
    #expect(!paths.contains(Path.push) && !paths.contains(Path.pull))
  }

  @Test func theServerMayRestartBetween() throws {
    let world = try World(opening: ["client", "practitioner"])
    var editor = Editor(seed: 12)
    for _ in 0..<3 {
      try editor.edit(world.client, in: world, times: 5)
      try editor.edit(world.practitioner, in: world, times: 5)
      try world.client.sync()
      try world.restartServer()
      try world.practitioner.sync()
    }
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted(editor.written)
  }
}

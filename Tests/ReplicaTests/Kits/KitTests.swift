import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// Kits that are made, wait, count and are replaced.
@Suite struct KitTests {
  private static let day: UInt64 = 24 * 60 * 60 * 1000

  @Test func theFirstOneCountsAtOnce() throws {
    let world = try World(opening: ["client", "tablet"])
    let kit = try world.client.makeKit()
    #expect(kit.standing.counts)
    #expect(kit.standing.device == kit.keys.certificate.device)
    let kits = try world.client.replica.kits()
    #expect(kits == [kit.standing])
    try world.tablet.sync()
    #expect(try world.tablet.replica.kits().map(\.device) == [kit.standing.device])
    let listed = try world.tablet.replica.devices().filter(\.isKit)
    #expect(listed.map(\.counts) == [true])
  }

  @Test func aDrillOpensAllAndChangesNothing() throws {
    let world = try World(opening: ["client", "tablet"])
    let kit = try world.client.makeKit()
    try world.client.replica.revokeDevice(
      world.tablet.replica.identity.device, world.client.network)
    let before = try world.client.replica.ownChain().head
    let stranger = world.makeParty("stranger")
    let drill = try world.drill(kit, stranger)
    #expect(drill.counts)
    #expect(drill.accountKeyCount == 2)
    #expect(drill.deviceCount == 1)
    #expect(drill.spaceCounts[.vault] == 1)
    #expect(drill.spaceCounts[.engagement] == 1)
    try world.client.sync()
    #expect(try world.client.replica.ownChain().head == before)
  }

  /// Whoever has found a kit reads nothing without a trace on the account's chain.
  @Test func aKitReadsTheChainAndTheAccountsKeyAndNoMore() throws {
    let world = try World(opening: ["client"])
    let kit = try world.client.makeKit()
    let stranger = world.makeParty("stranger")
    let holder = try KitHolder(kit.keys, kit.code, Connection(stranger.network))
    try holder.openSession(.full)
    let vault = world.client.replica.vault
    let pull = PullRequest(space: vault, incarnation: 0, after: .zero, byteCountMax: 1 << 20)
    #expect(throws: ReplicaError.server(.notAllowed)) {
      try holder.connection.send(.post, Path.pull, pull.encoded)
    }
    let wraps = WrapsFetchRequest(owner: .space(vault), hashes: [.zero])
    #expect(throws: ReplicaError.server(.notAllowed)) {
      try holder.connection.send(.post, Path.wrapsFetch, wraps.encoded)
    }
    #expect(throws: ReplicaError.server(.notAllowed)) {
      try holder.connection.send(
        .post, Path.push, PushRequest(space: vault, items: []).encoded)
    }
    let keys = try holder.accountKeys(holder.chain())
    #expect(keys.map(\.publicKey) == (try world.client.replica.ownChain().accountKeys))
  }

  @Test func anotherOneCountsAfterSevenDays() throws {
    let world = try World(opening: ["client", "tablet"])
    let first = try world.client.makeKit()
    let second = try world.client.makeKit()
    #expect(!second.standing.counts)
    let from = try #require(second.standing.countsFromMilliseconds)
    #expect(from > world.clock.now + 6 * Self.day)
    #expect(from <= world.clock.now + 7 * Self.day)
    try world.tablet.sync()
    #expect(try !world.drill(second, world.makeParty("a")).counts)
    #expect(
      try Party.problem { _ = try world.restore(second, as: "b") } == .waits)
    // Not before the time, whoever tries.
    world.clock.advance(milliseconds: 6 * Self.day)
    try world.settle(["client", "tablet"])
    #expect(try world.drill(first, world.makeParty("c")).counts)
    // The tablet has heard of it in time, and is enough.
    world.clock.advance(milliseconds: 2 * Self.day)
    #expect(try world.tablet.sync().news.contains { $0.contains("counts from now on") })
    #expect(try world.drill(second, world.makeParty("d")).counts)
    #expect(try Party.problem { _ = try world.restore(first, as: "e") } == .replaced)
    try world.client.sync()
    #expect(try world.client.replica.kits().map(\.device) == [second.standing.device])
    let restored = try world.restore(second, as: "f")
    #expect(try restored.sync().problems == [])
  }

  @Test func aThirdOneTakesThePlaceOfTheOneThatWaits() throws {
    let world = try World(opening: ["client"])
    let first = try world.client.makeKit()
    let second = try world.client.makeKit()
    let third = try world.client.makeKit()
    let devices = try world.client.replica.kits().map(\.device)
    #expect(devices == [first.standing.device, third.standing.device])
    #expect(try Party.problem { _ = try world.drill(second, world.client) } == .replaced)
  }

  /// A thief with an unlocked device of the account, who makes a kit of their own and takes the owner's
  /// devices out: the kit in the drawer is stronger.
  @Test func aKitWinsAgainstAStolenDevice() throws {
    let world = try World(opening: ["client", "tablet"])
    let (owner, thief) = (world.client, world.tablet)
    let kit = try owner.makeKit()
    try thief.sync()
    // It does not go at once.
    #expect(throws: ReplicaError.self) {
      try thief.replica.revokeDevice(kit.standing.device, thief.network)
    }
    var report = SyncReport()
    let connection = try thief.replica.connect(thief.network, &report)
    #expect(throws: ReplicaError.server(.notAllowed)) {
      try thief.replica.appendRevocation(
        of: kit.standing.device, thief.replica.ownChain(), connection)
    }
    let theirs = try thief.makeKit()
    try thief.replica.revokeDevice(owner.replica.identity.device, thief.network)
    #expect(try owner.sync().wasRevoked)
    let restored = try world.restore(kit)
    // What the thief made is void, and cannot take the new device out.
    #expect(try Party.problem { _ = try world.restore(theirs, as: "thief2") } == .replaced)
    #expect(throws: ReplicaError.self) {
      try thief.replica.revokeDevice(restored.replica.identity.device, thief.network)
    }
    try restored.replica.revokeDevice(thief.replica.identity.device, restored.network)
    #expect(try thief.sync().wasRevoked)
    let next = try restored.makeKit()
    #expect(next.standing.counts)
    #expect(try restored.sync().problems == [])
  }

  /// Wherever the line is cut: a kit that is on the chain is on paper, and opens the account.
  @Test(arguments: 0..<9, [Network.Fault.loseRequest, .loseResponse])
  func noKitCountsThatIsNotOnPaper(request: Int, fault: Network.Fault) throws {
    let world = try World(opening: ["client"])
    let client = world.client
    var papers: [PaperKit] = []
    client.network.reset()
    client.network.fault = { number, _ in number == request ? fault : .none }
    do {
      _ = try client.replica.makeKit(client.network) { kit in
        guard let keys = KitKeys(entropy: kit.entropy) else { return }
        let standing = KitStanding(
          device: kit.device, madeBy: nil, sinceMilliseconds: 0, counts: true,
          countsFromMilliseconds: nil)
        papers.append(PaperKit(keys: keys, code: kit.code, standing: standing))
      }
    } catch ReplicaError.notReachable {
      #expect(client.network.requestCount == request + 1)
    }
    client.network.reset()
    try client.reopen()
    try client.sync()
    for kit in try client.replica.kits() {
      let paper = try #require(papers.last { $0.standing.device == kit.device })
      let drill = try world.drill(paper, client)
      #expect(drill.counts)
    }
  }

  /// What was announced and never reached the server is on no chain; the page goes.
  @Test func aKitThatWasNotTakenIsWrittenOnceMoreOrNotAtAll() throws {
    let world = try World(opening: ["client", "tablet"])
    try world.tablet.sync()
    var pages = 0
    world.client.network.fault = { _, request in
      request.path == Path.chainAppend ? .loseRequest : .none
    }
    #expect(throws: ReplicaError.self) {
      _ = try world.client.replica.makeKit(world.client.network) { _ in pages += 1 }
    }
    #expect(pages == 1)
    world.client.network.reset()
    try world.client.sync()
    #expect(try world.client.replica.kits() == [])
    // Another device is faster while the page is written.
    pages = 0
    let tablet = world.tablet
    _ = try world.client.replica.makeKit(world.client.network) { _ in
      pages += 1
      if pages == 1 { _ = try tablet.makeKit() }
    }
    #expect(pages == 2)
    #expect(try world.client.replica.kits().map(\.counts) == [true, false])
  }
}

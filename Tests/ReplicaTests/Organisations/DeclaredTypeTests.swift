import Merge
import Schemas
import Signing
import Simulation
import SpaceStore
import SyncProtocol
import Testing

@testable import Replica

/// Record types of an organisation, from its administrator's device to everybody's tables.
@Suite struct DeclaredTypeTests {
  static func name(_ world: World) -> String {
    "x_visit" + OrganisationTypeCheck.ending(of: world.facts.organisation)
  }

  static func file(_ world: World, more: String = "") -> [UInt8] {
    Array(
      """
      {
        "type": "\(name(world))", "space": "casework", "concurrent_delete": "edit_wins",
        "history": "keep",
        "fields": {
          \(more)
          "reason": { "kind": "text", "rule": "latest", "sealed": true, "required": true },
          "room": { "kind": "integer", "rule": "latest" },
          "answer": {
            "kind": "enum", "values": ["no", "yes"], "rule": "revoke_wins", "order": ["no", "yes"]
          }
        },
        "create": ["contact", "staff"], "delete": ["staff"]
      }
      """.utf8)
  }

  private static let floor = #""floor": { "kind": "text", "rule": "latest" },"#

  private static func declared() throws -> (world: World, name: String) {
    let world = try World()
    let name = try world.admin.replica.declareType(file(world), world.admin.network)
    #expect(name == Self.name(world))
    try world.settle()
    return (world, name)
  }

  private func room(_ party: Party, _ record: RecordID, _ name: String) throws -> Int64? {
    try party.replica.database.first(
      "SELECT room FROM \"\(name)\" WHERE record = ?", .blob(record.bytes)
    ) { $0.integer(0) }
  }

  @Test func everybodyInTheCaseworkUsesIt() throws {
    let (world, name) = try Self.declared()
    let (client, casework) = (world.client, world.facts.casework)
    let type = try client.replica.declaredType(named: "x_visit")
    #expect(type.name == name)
    let made = try client.replica.newRecord(
      of: type, [.init("reason", "a rash"), .init("room", "3"), .init("answer", "yes")],
      in: casework)
    try world.settle()
    let practitioner = world.practitioner
    #expect(
      try practitioner.shownText(name, made.record, "reason", in: casework) == "a rash")
    try practitioner.replica.setRecord(made, [.init("room", "4")])
    try client.replica.setRecord(made, [.init("answer", "no")])
    try world.settle()
    for party in [client, practitioner, world.tablet] {
      #expect(try room(party, made.record, name) == 4)
      #expect(
        try party.replica.query("SELECT answer FROM \(name)").rows == [[.text("no")]])
    }
    try world.expectConverged()
    for party in [client, practitioner] {
      party.close()
      try party.openForCheck()
      #expect(try party.replica.check(party.network).problems == [])
      try party.reopen()
    }
  }

  @Test func aServerThatBeginsAnewKnowsIt() throws {
    let (world, name) = try Self.declared()
    try world.restartServer()
    let made = try world.client.replica.newRecord(
      of: world.client.replica.declaredType(named: name), [.init("reason", "x")],
      in: world.facts.casework)
    try world.client.reopen()
    try world.settle()
    #expect(try world.practitioner.isShown(name, made.record, in: made.space))
    try world.expectConverged()
  }

  /// The tablet was away meanwhile: it comes to both versions and what was written under them at once.
  @Test func whoWasAwayComesToIt() throws {
    let (world, name) = (try World(), "x_visit")
    _ = try world.admin.replica.declareType(Self.file(world), world.admin.network)
    let others = ["admin", "client", "practitioner"]
    try world.settle(others)
    let client = world.client.replica
    let first = try client.newRecord(
      of: client.declaredType(named: name), [.init("reason", "one"), .init("room", "1")],
      in: world.facts.casework)
    try world.settle(others)
    _ = try world.admin.replica.declareType(
      Self.file(world, more: Self.floor), world.admin.network)
    try world.settle(others)
    try client.setRecord(first, [.init("floor", "ground"), .init("room", "2")])
    try world.settle()
    #expect(
      try world.tablet.replica.query("SELECT room, floor FROM \(Self.name(world))").rows
        == [[.integer(2), .text("ground")]])
    try world.expectConverged()
  }

  /// Opened later, a space has the types from before its first statement.
  @Test func aLaterSpaceHasItToo() throws {
    let (world, name) = try Self.declared()
    let space = try world.admin.replica.openCasework(
      client: world.client.account, team: world.facts.team, world.admin.network)
    try world.settle()
    let made = try world.client.replica.newRecord(
      of: world.client.replica.declaredType(named: name), [.init("reason", "x")], in: space)
    try world.settle()
    #expect(try world.practitioner.isShown(name, made.record, in: space))
    try world.expectConverged()
  }

  @Test func itIsOfOneKindOfSpace() throws {
    let (world, name) = try Self.declared()
    let type = try world.client.replica.declaredType(named: name)
    #expect(throws: ReplicaError.self) {
      try world.client.replica.newRecord(
        of: type, [.init("reason", "x")], in: world.client.replica.vault)
    }
  }

  @Test func onlyAdministratorsDeclareAndOnlyWhatFits() throws {
    let world = try World(opening: ["admin", "practitioner"])
    let admin = world.admin
    #expect(throws: ReplicaError.self) {
      try world.practitioner.replica.declareType(Self.file(world), world.practitioner.network)
    }
    let bad = Array(
      String(decoding: Self.file(world), as: UTF8.self).replacing("x_visit", with: "visit").utf8)
    #expect(throws: ReplicaError.self) {
      try admin.replica.declareType(bad, admin.network)
    }
    // The server looks for itself.
    var report = SyncReport()
    let connection = try admin.replica.connect(admin.network, &report)
    #expect(throws: ReplicaError.server(.malformed)) {
      try admin.replica.append(
        .organisationType(OrganisationType(file: bad)),
        to: .organisation(world.facts.organisation), wraps: [], connection)
    }
  }

  /// Signed by the administrator, and let through by the server: no device takes it.
  @Test func aFileThatDoesNotFitIsEvidence() throws {
    let world = try World(opening: ["admin", "practitioner"])
    let forger = try LyingServer(world)
    let chain = ChainReference.organisation(world.facts.organisation)
    let admin = world.admin.replica
    let length = try admin.chains.length(chain)
    let last = try #require(try admin.chains.statement(chain, at: length - 1))
    let forged = SignedStatement(
      Statement(
        subject: .chain(chain), index: length, previous: last.hash,
        account: admin.identity.account, device: admin.identity.device, timeMilliseconds: 1,
        body: .organisationType(OrganisationType(file: Array("{}".utf8)))),
      key: try admin.unlockedKeys().identity())
    world.practitioner.network.forgeChain(chain) { _ in
      ChainPart(head: forger.sign(chain, forged.point), statements: [forged])
    }
    #expect(try world.practitioner.sync().sawDishonesty)
    #expect(try world.practitioner.evidenceKinds().contains { $0.hasPrefix("chain") })
    #expect(try world.practitioner.replica.declaredTypes() == [])
  }
}

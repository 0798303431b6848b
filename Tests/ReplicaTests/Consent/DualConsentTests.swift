import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// Two people decide apart about what an administrator proposes (requirements E5, E6).
@Suite struct DualConsentTests {
  private static let day: UInt64 = 24 * 60 * 60 * 1000

  private let world: World
  private let space: SpaceID

  /// A second proposal for the two, which nobody has decided on.
  init() throws {
    world = try World(opening: ["admin", "client", "tablet", "practitioner"])
    let proposed = ConsentTerms(
      permissions: [.viewFiles, .addNotes, .generateReports], untilMilliseconds: nil)
    space = try world.admin.replica.assign(
      practitioner: world.practitioner.account, client: world.client.account, terms: proposed,
      world.admin.network)
    try world.settle()
  }

  private func assignment(_ party: Party) throws -> Assignment {
    try #require(try party.replica.assignments().first { $0.space == space })
  }

  private func decide(_ word: String, _ party: Party, _ terms: ConsentTerms? = nil) throws {
    try party.replica.decide(word, on: assignment(party), terms: terms)
  }

  /// Everybody sees the same: devices by Swift and by SQL, the server by its own SQL.
  private func expect(
    _ status: ConsentStatus, _ permissions: [Permission] = [],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    try world.settle()
    let sql = """
      SELECT consent_status(assignment.space, record), consent_permissions(assignment.space, record)
      FROM assignment JOIN space ON space.number = assignment.space
      WHERE hex(space.id) = '\(space.hex.uppercased())'
      """
    let words = permissions.map(\.rawValue).sorted().map { "\"\($0)\"" }
    let list = "[" + words.joined(separator: ",") + "]"
    for name in world.parties.keys.sorted() {
      let state = try assignment(world[name]).state
      #expect(state.status == status, "\(name)", sourceLocation: location)
      #expect(Set(state.terms.permissions) == Set(permissions), sourceLocation: location)
      let rows = try world[name].replica.query(sql).rows
      #expect(rows == [[.text(status.rawValue), .text(list)]], "\(name)", sourceLocation: location)
    }
    let rows = try world.server.query(sql).rows
    #expect(rows == [[.text(status.rawValue), .text(list)]], "server", sourceLocation: location)
  }

  @Test(arguments: [true, false], [true, false])
  func bothSayYesInEitherOrder(clientFirst: Bool, seen: Bool) throws {
    let steps = [(world.client, "approved"), (world.practitioner, "accepted")]
    for (party, word) in clientFirst ? steps : steps.reversed() {
      try expect(.pending)
      try decide(word, party)
      if seen { try party.sync() }
    }
    try expect(.active, [.viewFiles, .addNotes, .generateReports])
    #expect(try assignment(world.practitioner).engagement != nil)
  }

  static let noes: [(client: String?, practitioner: String?)] = [
    ("declined", nil), (nil, "declined"), ("declined", "accepted"), ("approved", "declined"),
    ("declined", "declined"),
  ]

  @Test(arguments: noes.indices, [true, false])
  func aNoOfEitherBlocks(index: Int, clientFirst: Bool) throws {
    let (client, practitioner) = Self.noes[index]
    let steps = [(world.client, client), (world.practitioner, practitioner)]
    for (party, word) in clientFirst ? steps : steps.reversed() {
      guard let word else { continue }
      try decide(word, party)
      try party.sync()
    }
    try expect(.declined)
    #expect(try assignment(world.practitioner).engagement == nil)
  }

  @Test func theClientChangesTheTermsBeforeApprovingAndLater() throws {
    try decide("accepted", world.practitioner)
    let less = ConsentTerms(permissions: [.viewFiles], untilMilliseconds: nil)
    try decide("approved", world.client, less)
    try expect(.active, [.viewFiles])
    let other = ConsentTerms(permissions: [.addNotes, .setReminders], untilMilliseconds: nil)
    try decide("approved", world.tablet, other)
    // Reminders are not what the practitioner accepted.
    try expect(.active, [.addNotes])
    let both = ConsentTerms(permissions: [.addNotes, .setReminders], untilMilliseconds: nil)
    try decide("accepted", world.practitioner, both)
    try expect(.active, [.addNotes, .setReminders])
  }

  /// An approval that crosses another change of terms allows what both allow.
  @Test func concurrentApprovalsAllowWhatEachAllows() throws {
    try decide("accepted", world.practitioner)
    try world.settle()
    try decide(
      "approved", world.client,
      ConsentTerms(permissions: [.viewFiles, .addNotes], untilMilliseconds: nil))
    try decide(
      "approved", world.tablet,
      ConsentTerms(permissions: [.viewFiles, .generateReports], untilMilliseconds: nil))
    try expect(.active, [.viewFiles])
  }

  @Test(arguments: [true, false]) func revokedAtAnyTime(whilePending: Bool) throws {
    if !whilePending {
      try decide("accepted", world.practitioner)
      try decide("approved", world.client)
      try world.settle()
    }
    try decide("revoked", world.client)
    try expect(.revoked)
    try decide("accepted", world.practitioner)
    try expect(.revoked)
  }

  @Test func whoGrantsAgainMustHaveSeenTheRevocation() throws {
    try decide("accepted", world.practitioner)
    try decide("approved", world.client)
    try world.settle()
    // The tablet approves anew without knowing of the client's revocation.
    try decide("revoked", world.client)
    try world.client.sync()
    try decide("approved", world.tablet)
    try expect(.revoked)
    try decide("approved", world.tablet)
    try expect(.active, [.viewFiles, .addNotes, .generateReports])
  }

  @Test func itExpiresByLogTime() throws {
    let end = world.clock.now + Self.day
    let terms = ConsentTerms(permissions: [.viewFiles], untilMilliseconds: end)
    try decide("accepted", world.practitioner)
    try decide("approved", world.client, terms)
    try expect(.active, [.viewFiles])
    world.clock.advance(milliseconds: Self.day)
    try expect(.expired)
    let engagement = try #require(try assignment(world.practitioner).engagement)
    #expect(throws: ReplicaError.refused(Refusal(.consentInactive, ["expired"]))) {
      try world.practitioner.write(
        .create, "profile", world.practitioner.newRecordID(),
        [
          .init("account", .bytes(world.practitioner.account.bytes)),
          .init("name", .text("still here")),
        ], in: engagement)
    }
    // To ask is what is left.
    try world.practitioner.makeAccessRequest(in: engagement, reason: "please")
    // A longer yes of the client's is enough: the practitioner named no end.
    try decide(
      "approved", world.client,
      ConsentTerms(permissions: [.viewFiles], untilMilliseconds: end + Self.day))
    try expect(.active, [.viewFiles])
  }
}

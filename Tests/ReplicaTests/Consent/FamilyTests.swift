import CBOR
import Database
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// A family caregiver whom the client has invited (requirement E4).
@Suite struct FamilyTests {
  private let world: World
  private let family: Party

  init() throws {
    world = try World(opening: ["client", "tablet"])
    family = world.makeParty("family")
  }

  /// The caregiver registers with the client's invitation.
  private func accept(_ terms: ConsentTerms? = nil) throws {
    let invitation = try world.client.replica.invite(
      role: .family, name: "Aunt", terms: terms, world.client.network)
    let home = try Home.create(at: family.homePath)
    let replica = try family.withPassword { password in
      try Replica.register(
        home: home, password: password, invitation: invitation, name: "Aunt May", url: "test:",
        transport: family.network, environment: family.environment)
    }
    try family.adopt(replica)
  }

  private func own(_ party: Party) throws -> Assignment {
    try #require(try party.replica.assignments().last { $0.isFamily })
  }

  private static let reading = ConsentTerms(
    permissions: [.viewFiles, .viewReports], untilMilliseconds: nil)

  @Test func theInvitationIsTheClientsYesAndItsAcceptanceTheOther() throws {
    try accept(Self.reading)
    #expect(try family.sync().problems == [])
    #expect(try family.replica.assignments().isEmpty)
    // One sync of the client's does all of it.
    #expect(try world.client.sync().problems == [])
    try family.sync()
    for party in [world.client, family] {
      let assignment = try own(party)
      #expect(assignment.state.status == .active)
      #expect(assignment.state.terms == Self.reading)
      #expect(assignment.practitioner == family.account)
      #expect(assignment.practitionerDecision == nil)
      #expect(assignment.statusText == "active")
    }
    let engagement = try #require(try own(family).engagement)
    #expect(try family.replica.store.state(engagement).role(of: family.account) == .family)
    let known = try world.client.replica.people().first { $0.account == family.account }
    #expect(known?.name == "Aunt" || known?.name == "Aunt May")
    try world.settle()
    try world.expectConverged(["client", "tablet", "family"])
  }

  /// A caregiver asks for more than they were given, and gets it.
  @Test func asksForAccess() throws {
    try accept(Self.reading)
    try family.sync()
    try world.client.addFile("plan.txt", "rest", in: world)
    try world.client.sync()
    try family.sync()
    try family.replica.requestAccess(
      to: world.client.account, name: "plan.txt", reason: "she asked me to look after it")
    #expect(try family.sync().refused.isEmpty)
    let told = try world.client.sync()
    #expect(told.news.contains { $0.contains("asks for access") })
    let request = try world.client.replica.accessRequest(nil)
    #expect(request.practitioner == family.account)
    #expect(try world.client.replica.approve(request).files.map(\.name) == ["plan.txt"])
    try world.client.sync()
    try family.sync()
    #expect(try family.replica.sharesReceived().map(\.name) == ["plan.txt"])
    #expect(try family.replica.accessRequests().map(\.state) == [.approved])
    // Nobody asks in somebody else's name.
    #expect(throws: ReplicaError.self) {
      try world.client.replica.requestAccess(to: family.account, reason: "the other way round")
    }
  }

  /// A client device that cannot open the engagement yet has approved all the same.
  @Test func itWaitsForADeviceOfTheClients() throws {
    try accept(Self.reading)
    let pushes = world.client.network
    pushes.fault = { _, request in
      guard request.path == Path.wraps else { return .none }
      return .loseRequest
    }
    // The key's wraps do not get through.
    do {
      try world.client.sync()
    } catch ReplicaError.notReachable {}
    pushes.reset()
    try family.sync()
    let waiting = try own(family)
    #expect(waiting.state.status == .active)
    #expect(waiting.waitsForClientDevice)
    #expect(waiting.statusText == "active, waiting for a client device")
    try world.tablet.sync()
    try family.sync()
    #expect(try own(family).statusText == "active")
    try world.settle()
    try world.expectConverged(["client", "tablet", "family"])
  }

  @Test func nothingIsMadeTwice() throws {
    try accept(Self.reading)
    for _ in 0..<2 { try world.settle() }
    for party in [world.client, world.tablet, family] {
      #expect(try party.replica.assignments().count { $0.isFamily } == 1)
      let engagements = try party.replica.store.spaceIDs().filter { space in
        let state = try party.replica.store.state(space)
        return state.kind == .engagement && state.members[family.account] != nil
      }
      #expect(engagements.count == 1)
    }
  }

  @Test func theClientChangesWhatIsAllowedAtAnyTime() throws {
    try accept(Self.reading)
    try world.settle()
    let more = ConsentTerms(
      permissions: [.viewFiles, .addNotes, .communicateProfessional], untilMilliseconds: nil)
    try world.client.replica.decide("approved", on: own(world.client), terms: more)
    try world.settle()
    for party in [world.client, world.tablet, family] {
      #expect(try own(party).state.terms == more)
    }
    let less = ConsentTerms(permissions: [.viewFiles], untilMilliseconds: nil)
    try world.tablet.replica.decide("approved", on: own(world.tablet), terms: less)
    try world.settle()
    for party in [world.client, world.tablet, family] {
      #expect(try own(party).state.terms == less)
    }
    try world.expectConverged(["client", "tablet", "family"])
  }

  @Test(arguments: [true, false]) func eitherSideEndsIt(byClient: Bool) throws {
    try accept(Self.reading)
    try world.settle()
    let engagement = try #require(try own(family).engagement)
    let party = byClient ? world.client : family
    try party.replica.decide(byClient ? "revoked" : "withdrawn", on: own(party))
    try party.sync()
    try world.settle()
    for party in [world.client, family] {
      #expect(try own(party).state.status == .revoked)
      #expect(try own(party).engagement == nil)
    }
    #expect(try family.replica.store.state(engagement).ended != nil)
    // Who comes back has seen the end, and starts another engagement.
    try party.replica.decide(byClient ? "approved" : "accepted", on: own(party))
    try party.sync()
    try world.settle()
    #expect(try own(family).state.status == .active)
    if byClient {
      #expect(try own(family).engagement != engagement)
    }
  }

  @Test func onlyWhatFamilyMayHaveCanBeAllowed() throws {
    let terms = ConsentTerms(permissions: [.emergencyContact], untilMilliseconds: nil)
    #expect(throws: ReplicaError.self) {
      try world.client.replica.invite(
        role: .family, name: nil, terms: terms, world.client.network)
    }
    try accept(Self.reading)
    try world.settle()
    #expect(throws: ReplicaError.self) {
      try world.client.replica.decide("approved", on: own(world.client), terms: terms)
    }
  }

  @Test func nobodyIsLinkedWhoWasNotInvited() throws {
    try accept(Self.reading)
    let client = world.client
    var report = SyncReport()
    let connection = try client.replica.connect(client.network, &report)
    // The practitioner came with an administrator's invitation.
    let practitioner = try #require(
      try client.replica.assignments().first { !$0.isFamily }
    ).practitioner
    #expect(throws: ReplicaError.refused(Refusal(.notAllowed, ["not invited"]))) {
      try client.replica.linkFamily(
        practitioner, terms: Self.reading, connection, &report)
    }
  }
}

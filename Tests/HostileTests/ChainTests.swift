import CommandSupport
import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Who is whose: accounts, devices, teams and organisations that are not what the server shows.
@Suite struct ChainTests {
  private let practice: Practice

  init() throws { practice = try Practice() }

  @Test(arguments: [
    (Lie.shorterChain, "a chain was rolled back"), (.otherChain, "a chain does not verify"),
    (.forgedStatement, "a chain does not verify"),
  ])
  func aChainWithAnotherPast(lie: Lie, said: String) throws {
    let scene = try Scene(practice)
    let practitioner = try practice.atTheProgram(practice.world.practitioner)
    practice.liar.tell(lie, to: practice.world.practitioner, about: practice.casework)
    try practitioner.syncsAndAccuses(said)
    #expect(try practitioner.evidence().contains("chain: \(said)"))
    // What does not need the chain goes on.
    let isShown = try practice.world.practitioner.holds(
      "ticket", scene.ticket, in: practice.casework)
    #expect(isShown)
  }

  /// The server adds a device of its own to an account, to be given the next keys.
  @Test(arguments: ["practitioner", "tablet"])
  func aGhostDevice(victim: String) throws {
    let world = practice.world
    let person = try practice.atTheProgram(world[victim])
    practice.liar.tell(.ghostDevice, to: world[victim], about: practice.casework)
    // Something new of the account, so that its chain is fetched.
    _ = try world.enrolPhone()
    try world.client.sync()
    try person.syncsAndAccuses("a chain does not verify (badSignature)")
    #expect(try person.evidence().contains("chain: a chain does not verify"))
    if victim == "tablet" {
      #expect(try person.does("device", "ls").split(separator: "\n").dropFirst().count == 2)
    }
  }

  /// A client meets a practitioner for the first time, and the server shows a key of its own.
  @Test func aSubstitutedPractitionerKey() throws {
    let world = practice.world
    let second = try world.joinSecond()
    let client = try practice.atTheProgram(world.client)
    practice.liar.tell(.substitutedAccount, to: world.client, about: practice.casework)
    _ = try world.admin.replica.assign(
      practitioner: second.account, client: world.client.account,
      terms: ConsentTerms(permissions: Permission.allCases, untilMilliseconds: nil),
      world.admin.network)
    try client.syncsAndAccuses("a chain is of somebody else")
    #expect(try client.evidence().contains("chain: a chain is of somebody else"))
    let known = try world.client.held.chains.accountChain(second.account)
    #expect(known == nil)
    let nobody = try client.run("share", "none", "--with", "Second", expecting: 1)
    #expect(nobody.err.contains("error: "))
    // Told the truth, the client can decide about the real one.
    world.client.network.reset()
    try client.does("sync")
    #expect(try client.does("consent", "ls").contains("pending"))
  }

  /// An administrator lets somebody into a team whose members know nothing of it.
  @Test func aGhostTeamMember() throws {
    let (world, admin) = (practice.world, practice.world.admin)
    let ghost = try world.joinSecond()
    let chain = ChainReference.team(world.facts.team)
    try admin.replica.propose(ghost.account, for: world.facts.team, admin.network)
    let last = try #require(try admin.replica.chains.statements(chain).last)
    let wrap: [UInt8] = [1, 2, 3]
    let admission = try admin.signed(
      .teamAdmission(
        TeamAdmission(
          account: ghost.account, accountHead: try ghost.replica.ownChain().head,
          wrap: Hasher256.content(wrap))), next: chain, after: last)
    // An honest server does not take it.
    #expect(throws: ReplicaError.server(.notAllowed)) {
      try admin.session(practice).call(
        Path.chainAppend,
        ChainAppendRequest(chain: chain, statement: admission, wraps: [wrap]),
        SignedChainHead.self)
    }
    // One that works with the administrator is found out by each member.
    let practitioner = try practice.atTheProgram(world.practitioner)
    world.practitioner.network.forgeChain(chain) { [liar = practice.liar] part in
      ChainPart(
        head: liar.sign(chain, admission.point), statements: part.statements + [admission])
    }
    try practitioner.syncsAndAccuses("a chain does not verify (notAllowed)")
    #expect(try practitioner.evidence().contains("chain: a chain does not verify"))
    let members = try world.practitioner.held.chains.teamChain(world.facts.team)?.members
    #expect(members?.keys.contains(ghost.account) == false)
  }

  /// A device that was taken out goes on being shown as one of the account's: as the chain was before,
  /// with a log that names what is new, and with one that does not.
  @Test(arguments: [
    (
      Lie.staleAccountChain, "an entry of a log does not verify (names what is not there)",
      "entry: names what is not there"
    ),
    (
      .hiddenRevocation, "the new key is not wrapped for exactly the members",
      "accepted: recipientsWrong"
    ),
  ])
  func aFrozenAccountChain(lie: Lie, said: String, kept: String) throws {
    let (client, reader) = (practice.world.client, practice.world.practitioner)
    let ticket = try reader.makeTicket(in: practice.casework)
    try reader.sync()
    let number = try reader.replica.ticket(named: ticket.hex).record.hex
    let practitioner = try practice.atTheProgram(reader)
    practice.liar.tell(lie, to: reader, about: practice.casework)
    try client.replica.revokeDevice(
      practice.world.tablet.replica.identity.device, client.network)
    try client.sync()
    try practitioner.does("ticket", "comment", number, "for the client only")
    try practitioner.syncsAndAccuses(said)
    #expect(try practitioner.evidence().contains(kept))
    // Nothing went out under the key that the lost device has.
    try practice.back(reader)
    let unsent = try reader.unsentCount()
    #expect(unsent == 1)
    try practice.world.settle(["client", "practitioner"])
    let left = try reader.unsentCount()
    #expect(left == 0)
  }

  @Test func aMemberWhoWasTakenOutIsStillShown() throws {
    let (world, reader) = (practice.world, practice.world.client)
    let second = try world.joinTeam()
    try world.admin.sync()
    let client = try practice.atTheProgram(reader)
    practice.liar.tell(.hiddenRemoval, to: reader, about: practice.casework)
    try world.admin.replica.remove(second.account, from: world.facts.team, world.admin.network)
    try world.practitioner.sync()
    try client.does("ticket", "new", "--kind", "bug", "--title", "not for the second")
    try client.syncsAndAccuses("the new key is not wrapped for exactly the members")
    #expect(try client.evidence().contains("accepted: recipientsWrong"))
    try practice.back(reader)
    let unsent = try reader.unsentCount()
    #expect(unsent == 1)
  }
}

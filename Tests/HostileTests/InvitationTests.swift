import CommandSupport
import Database
import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Invitations that the server makes, or uses.
@Suite struct InvitationTests {
  private let practice: Practice
  private var admin: Party { practice.world.admin }

  init() throws { practice = try Practice() }

  /// The server, which knows no secret, says that an account of its own has come.
  @Test func redeemedByTheServer() throws {
    let account = practice.world.client.account
    let head = try practice.world.client.replica.ownChain().head
    let person = try practice.atTheProgram(admin)
    try person.does("invite", "--role", "client", "--name", "Awaited")
    admin.network.alter = { request, response in
      guard request.path == Path.invitationList, case .success(let bytes) = response else {
        return response
      }
      do {
        let forged = try InvitationList(decoding: bytes).invitations.map { state in
          InvitationState(
            lookup: state.lookup, role: state.role,
            expiresMilliseconds: state.expiresMilliseconds,
            acceptance: state.acceptance
              ?? InvitationAcceptance(account: account, accountHead: head, mac: .zero))
        }
        return .success(InvitationList(invitations: forged).encoded)
      } catch {
        preconditionFailure("an honest answer can be read: \(error)")
      }
    }
    let outcome = try person.run(typed: ["sync"])
    #expect(outcome.exit == 5, "\(outcome.transcript)")
    #expect(try person.evidence().contains("invitation used without its secret"))
    admin.network.reset()
    #expect(!(try person.does("people").contains("Awaited")))
  }

  /// The operator makes an invitation, and somebody comes with it: nobody binds them to anything.
  @Test func mintedByTheServer() throws {
    let world = practice.world
    let invitation = Invitation(
      server: admin.replica.identity.server, organisation: world.facts.organisation,
      inviter: admin.account, role: .practitioner,
      expiresMilliseconds: world.clock.now + 60 * 60 * 1000,
      secret: SharedSecret(random: SeededRandom(seed: 21)))
    try SQLiteDatabase(path: "\(world.serverDirectory)/server.db").run(
      """
      INSERT INTO invitation (lookup, role, organisation, inviter, expires) VALUES (?, ?, ?, ?, ?)
      """, .blob(invitation.lookup.bytes), .text("practitioner"),
      .blob(world.facts.organisation.bytes), .blob(admin.account.bytes),
      .integer(Int64(invitation.expiresMilliseconds)))
    let mole = try practice.newcomer("mole")
    let url = try practice.line(of: mole.party).url
    try mole.person.does("init", "--server", url, "--invite", invitation.token, "--name", "Dr. No")
    let person = try practice.atTheProgram(admin)
    let outcome = try person.run("sync", expecting: 0)
    #expect(!outcome.out.contains("Dr. No"))
    #expect(!(try person.does("people").contains("Dr. No")))
    let refused = try person.run(
      "assign", "--practitioner", "Dr. No", "--client", "client", expecting: 1)
    #expect(refused.err.contains("error: there is no"))
    // Who came with it has an account, and nobody.
    try mole.person.does("sync")
    #expect(try mole.person.does("consent", "ls", "--json") == "[]")
    #expect(try mole.person.does("shared", "ls", "--json") == "[]")
  }
}

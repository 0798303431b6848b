import CBOR
import Database
import Merge
import SyncProtocol
import Testing

@testable import Replica

/// What a home keeps of the secrets that it handed out.
@Suite struct HandedOutTests {
  /// Earlier versions sealed an invitation as one text, secret included.
  @Test func anInvitationOfAnEarlierVersionIsBound() throws {
    let world = try VaultWorld()
    let admin = world.admin
    let invitation = try admin.invite(role: .client, name: "Cleo", world.transport)
    let lookup = invitation.lookup
    #expect(try admin.keptSecret(lookup: lookup, kind: .invitation)?.secret == invitation.secret)
    try admin.database.run("DELETE FROM handed_out WHERE lookup = ?", .blob(lookup.bytes))
    let text = CBORValue.array([
      .bytes(invitation.withEncoded { Array($0) }), .text("Cleo"), .null,
    ]).encoded
    try admin.handOut(text, lookup: lookup, kind: .invitation)
    #expect(try admin.keptSecret(lookup: lookup, kind: .invitation)?.open == nil)
    _ = try VaultWorld.register(
      world.folder + "/earlier", invitation, "Cleo", world.transport, world.environment)
    #expect(try admin.sync(world.transport).news == ["Cleo has joined"])
    #expect(try admin.invitations(world.transport).last?.stage == .accepted)
  }
}

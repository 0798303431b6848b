import CommandSupport
import Foundation
import Testing

/// Invitations that do what they are for, and those that do not.
@Suite(.clinic, .serialized) struct InvitationTests {
  private func accept(
    _ invitation: String, as person: Person, expecting exit: Int32, with: [String: String] = [:],
    role: String? = nil, _ location: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    let words = ["init", "--server", try Clinic.current.server.url, "--invite", invitation]
    return try person.run(typed: words + (role.map { ["--role", $0] } ?? []), with: with)
      .expect(exit, by: person.name, location)
  }

  @Test func listShowsWhoCame() throws {
    let clinic = try Clinic.current
    _ = try clinic.newcomer("Dr. Berg", "practitioner")
    _ = try clinic.admin.does("invite", "--role", "client", "--name", "Nobody Yet")
    let list = try clinic.admin.does("invite", "ls")
    let lines = list.split(separator: "\n")
    #expect(lines.contains { $0.contains("Dr. Berg") && $0.contains("accepted") })
    #expect(lines.contains { $0.contains("Nobody Yet") && $0.contains("pending") })
    #expect(try clinic.admin.does("people").contains("Dr. Berg"))
  }

  @Test func damagedInvitationIsNoticedBeforeAnythingIsMade() throws {
    let clinic = try Clinic.current
    let whole = try clinic.invitation("client")
    let ann = try clinic.stage.person("ann")
    let middle = whole.index(whole.startIndex, offsetBy: whole.count / 2)
    let other = whole[middle] == "A" ? "B" : "A"
    let mistyped = whole.replacingCharacters(in: middle...middle, with: other)
    for bad in [String(whole.dropLast(6)), mistyped, "nonsense", "satchel-invite-1-"] {
      let outcome = try accept(bad, as: ann, expecting: 2)
      #expect(outcome.err.contains("error: this is not a whole invitation"))
      #expect(outcome.err.contains("hint: copy all of it"))
      #expect(!ann.hasHome)
    }
    // The whole one is still good.
    _ = try accept(whole, as: ann, expecting: 0)
  }

  @Test func invitationIsGoodOnce() throws {
    let clinic = try Clinic.current
    let invitation = try clinic.invitation("client")
    _ = try accept(invitation, as: clinic.stage.person("first"), expecting: 0)
    let second = try clinic.stage.person("second")
    let outcome = try accept(invitation, as: second, expecting: 5)
    #expect(outcome.err.contains("error: "))
    #expect(outcome.err.contains("hint: ask for a new invitation"))
    // Nothing is left that would be in the way of a good one.
    #expect(!second.hasHome)
    _ = try accept(try clinic.invitation("client"), as: second, expecting: 0)
  }

  @Test func invitationComesFromStandardInputToo() throws {
    let clinic = try Clinic.current
    let ann = try clinic.stage.person("ann piped")
    let words = ["init", "--server", clinic.server.url, "--invite", "-"]
    let token = try clinic.invitation("client")
    let outcome = try ann.run(typed: words, input: token + "\n")
    #expect(outcome.exit == 0, "\(outcome.transcript)")
    let none = try clinic.stage.person("nobody piped").run(typed: words, input: "")
    #expect(none.exit == 2)
    #expect(none.err.contains("there is no token on standard input"))
  }

  @Test func expiredInvitationIsRefused() throws {
    let clinic = try Clinic.current
    let late = try clinic.stage.person("late")
    let eightDays = ["SATCHEL_CLOCK_SHIFT_MS": String(8 * 24 * 3600 * 1000)]
    let outcome = try accept(
      try clinic.invitation("client"), as: late, expecting: 5, with: eightDays)
    #expect(outcome.err.contains("error: the invitation has expired"))
    #expect(outcome.err.contains("hint: ask for a new invitation"))
    #expect(!late.hasHome)
  }

  @Test func invitationForAnotherRoleIsRefused() throws {
    let clinic = try Clinic.current
    let ann = try clinic.stage.person("ann role")
    let invitation = try clinic.invitation("client")
    let outcome = try accept(invitation, as: ann, expecting: 5, role: "practitioner")
    #expect(outcome.err.contains("the invitation is for another role: client, not practitioner"))
    #expect(!ann.hasHome)
    _ = try accept(invitation, as: ann, expecting: 0, role: "client")
  }

  @Test func onlySomeMayInviteSome() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Invites", "client")
    let outcome = try ann.run("invite", "--role", "practitioner", expecting: 1)
    #expect(outcome.err.contains("the role client may not invite the role practitioner"))
    let family = try ann.does("invite", "--role", "family")
    #expect(family.hasPrefix("satchel-invite-1-"))
    try clinic.admin.run("invite", "--role", "king", expecting: 2)
  }
}

import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

struct TokenTests {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

  private static func invitation(_ seed: UInt64) -> Invitation {
    var generator = Generator(seed: seed)
    return generator.invitation()
  }

  private static func enrolment(_ seed: UInt64) -> Enrolment {
    var generator = Generator(seed: seed)
    return generator.enrolment()
  }

  @Test(arguments: 0..<50) func aTokenComesBack(seed: UInt64) throws {
    let invitation = Self.invitation(seed)
    #expect(try Invitation(token: invitation.token) == invitation)
    let enrolment = Self.enrolment(seed)
    #expect(try Enrolment(token: enrolment.token) == enrolment)
  }

  @Test(arguments: 0..<10) func aTokenHasNothingThatNeedsQuoting(seed: UInt64) {
    let token = Self.invitation(seed).token
    #expect(token.hasPrefix("satchel-invite-1-"))
    #expect(token.allSatisfy { Self.alphabet.contains($0) })
    #expect(Self.enrolment(seed).token.hasPrefix("satchel-device-1-"))
  }

  @Test(arguments: 0..<3) func anyMistypedCharacterIsNoticed(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let token = Array(Self.invitation(seed).token)
    for index in token.indices {
      var mistyped = token
      mistyped[index] = random.pick(Self.alphabet.filter { $0 != token[index] })
      #expect(throws: WireError.self) { try Invitation(token: String(mistyped)) }
    }
    for index in token.indices.dropLast() where token[index] != token[index + 1] {
      var swapped = token
      swapped.swapAt(index, index + 1)
      #expect(throws: WireError.self) { try Invitation(token: String(swapped)) }
    }
  }

  @Test func aCutTokenIsNoticed() {
    let token = Self.invitation(1).token
    for count in 0..<token.count {
      #expect(throws: WireError.self) { try Invitation(token: String(token.prefix(count))) }
    }
    #expect(throws: WireError.self) { try Invitation(token: token + "A") }
    #expect(throws: WireError.self) { try Invitation(token: token + "AAAA") }
    #expect(throws: WireError.self) { try Invitation(token: token + token) }
  }

  @Test func oneKindOfTokenIsNotTheOther() {
    let (invitation, enrolment) = (Self.invitation(1).token, Self.enrolment(1).token)
    #expect(throws: WireError.self) { try Enrolment(token: invitation) }
    #expect(throws: WireError.self) { try Invitation(token: enrolment) }
    let body = enrolment.dropFirst(Enrolment.prefix.count)
    #expect(throws: WireError.self) { try Invitation(token: Invitation.prefix + body) }
    #expect(throws: WireError.self) { try Invitation(token: invitation.uppercased()) }
  }

  @Test(arguments: [
    "", " ", "satchel-invite-1-", "satchel-invite-1-AAAA", "satchel-invite-2-AAAA",
    "satchel-invite-1-é", "satchel-invite-1-====", "https://example.org/satchel-invite-1-AAAA",
  ])
  func otherTextIsNoToken(text: String) {
    #expect(throws: WireError.self) { try Invitation(token: text) }
  }

  @Test func whiteSpaceAroundATokenDoesNotMatter() throws {
    let invitation = Self.invitation(1)
    for text in [
      " \(invitation.token)", "\(invitation.token)\r\n", "\n\t\(invitation.token) \u{a0}",
    ] {
      #expect(try Invitation(token: text) == invitation)
    }
    let token = invitation.token
    let middle = token.index(token.startIndex, offsetBy: 30)
    #expect(throws: WireError.self) {
      try Invitation(token: token[..<middle] + " " + token[middle...])
    }
  }

  @Test func anEndlessTokenIsRefused() {
    let text = Invitation.prefix + String(repeating: "A", count: 100_000)
    #expect(throws: WireError.unexpected("token")) { try Invitation(token: text) }
  }

  // MARK: MACs

  @Test func anAcceptanceIsOfOneAccountAndHeadUnderOneSecret() {
    var generator = Generator(seed: 1)
    let invitations = [generator.invitation(), generator.invitation()]
    let accounts: [AccountID] = [generator.id(), generator.id()]
    let heads = [generator.chainPoint(), generator.chainPoint()]
    var macs: Set<Digest> = []
    for invitation in invitations {
      for account in accounts {
        for head in heads { macs.insert(invitation.acceptance(account: account, head: head)) }
      }
    }
    #expect(macs.count == 8)
    let mac = invitations[0].acceptance(account: accounts[0], head: heads[0])
    let message = Invitation.acceptanceMessage(accounts[0], heads[0])
    let other = Invitation.acceptanceMessage(accounts[0], heads[1])
    let secret = invitations[0].secret
    #expect(secret.isValid(mac, for: message, .invitationAcceptance))
    #expect(!secret.isValid(mac, for: other, .invitationAcceptance))
    #expect(!secret.isValid(mac, for: message, .enrolmentRequest))
    #expect(!invitations[1].secret.isValid(mac, for: message, .invitationAcceptance))
    #expect(!secret.isValid(.zero, for: message, .invitationAcceptance))
  }

  @Test func theServersNameForASecretIsNoneOfItsMACs() {
    let enrolment = Self.enrolment(1)
    var generator = Generator(seed: 2)
    let (certificate, other) = (generator.certificate(), generator.certificate())
    let (head, next) = (generator.chainPoint(), generator.chainPoint())
    let (nonce, second): (EnrolmentNonce, EnrolmentNonce) = (generator.id(), generator.id())
    let heads = generator.handedHeads()
    let all: Set<Digest> = [
      enrolment.lookup, enrolment.secret.lookup(.invitationLookup),
      enrolment.requestMAC(certificate, nonce), enrolment.requestMAC(other, nonce),
      enrolment.requestMAC(certificate, second),
      enrolment.approvalMAC(certificate, head: head, handedHeads: heads),
      enrolment.approvalMAC(certificate, head: next, handedHeads: heads),
      enrolment.approvalMAC(certificate, head: head, handedHeads: generator.handedHeads()),
      enrolment.approvalMAC(other, head: head, handedHeads: heads),
      Self.enrolment(3).requestMAC(certificate, nonce), enrolment.commitment,
    ]
    #expect(all.count == 11)
    #expect(!all.contains { $0.bytes == enrolment.secret.withBytes { Array($0) } })
  }

  @Test func aSecretHasThirtyTwoBytes() {
    for count in [0, 31, 32, 33] {
      let secret = [UInt8](repeating: 1, count: count).withUnsafeBytes { SharedSecret(copying: $0) }
      #expect((secret != nil) == (count == 32))
    }
  }

  /// What is kept has the secret apart, and both together are the token again.
  @Test(arguments: 0..<10) func theSecretIsKeptApart(seed: UInt64) throws {
    let invitation = Self.invitation(seed)
    let secret = invitation.secret.withBytes { Array($0) }
    #expect(invitation.encoded == invitation.open + [0x58, 32] + secret)
    #expect(try Invitation(open: invitation.open, secret: invitation.secret) == invitation)
    #expect(throws: WireError.self) {
      try Invitation(open: invitation.encoded, secret: invitation.secret)
    }
    #expect(throws: WireError.self) {
      try Invitation(open: invitation.open.dropLast(), secret: invitation.secret)
    }
    #expect(try Invitation(open: invitation.open, secret: Self.invitation(99).secret) != invitation)
  }

  /// Earlier versions read the tokens of this one, and the other way round.
  @Test func theTextIsBase64URLOfBytesAndCheck() throws {
    let enrolment = Self.enrolment(4)
    let check = Hasher256.content(enrolment.encoded).bytes.prefix(4)
    let text = Base64.encode(enrolment.encoded + check)
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    #expect(enrolment.token == Enrolment.prefix + text)
  }

  @Test func familyInvitationsLastLonger() {
    let day: UInt64 = 24 * 60 * 60 * 1000
    #expect(Invitation.lifetimeMilliseconds(.family) == 14 * day)
    #expect(Invitation.lifetimeMilliseconds(.practitioner) == 7 * day)
  }
}

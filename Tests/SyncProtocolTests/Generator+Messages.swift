import CBOR
import Merge
import Signing
import SyncProtocol
import TestSupport

extension Generator {
  mutating func secret() -> SharedSecret { SharedSecret(random: SeededRandom(seed: random.next())) }

  mutating func invitation() -> Invitation {
    Invitation(
      server: octets(), organisation: maybe { $0.id() }, inviter: maybe { $0.id() },
      role: random.pick(Role.allCases), expiresMilliseconds: milliseconds(), secret: secret())
  }

  mutating func enrolment() -> Enrolment {
    Enrolment(
      server: octets(), account: id(), role: random.pick(Role.allCases),
      organisation: maybe { $0.id() }, name: maybe { $0.text(200) }, accountHead: chainPoint(),
      expiresMilliseconds: milliseconds(), nonce: id(), secret: secret())
  }

  mutating func handedHeads() -> HandedHeads {
    HandedHeads(
      chains: many(3) { HandedHeads.Chain(chain: $0.chainReference(), point: $0.chainPoint()) },
      spaces: many(3) { HandedHeads.Space(space: $0.id(), seen: $0.seenHeads()) },
      for: id(), by: id(), key: SigningKey(random: SeededRandom(seed: random.next())))
  }

  mutating func enrolmentAnswer() -> EnrolmentAnswer {
    EnrolmentAnswer(lookup: octets(), nonce: maybe { $0.id() })
  }

  mutating func invitationAcceptance() -> InvitationAcceptance {
    InvitationAcceptance(account: id(), accountHead: chainPoint(), mac: octets())
  }

  mutating func invitationState() -> InvitationState {
    InvitationState(
      lookup: octets(), role: random.pick(Role.allCases), expiresMilliseconds: milliseconds(),
      acceptance: maybe { $0.invitationAcceptance() })
  }

  mutating func enrolmentRequest() -> EnrolmentRequest {
    EnrolmentRequest(
      account: id(), lookup: octets(), certificate: certificate(), proof: octets(), nonce: id(),
      mac: octets())
  }

  mutating func enrolmentApproval() -> EnrolmentApproval {
    EnrolmentApproval(
      lookup: octets(), accountHead: chainPoint(), handedHeads: handedHeads(), mac: octets())
  }

  mutating func chainPart() -> ChainPart {
    ChainPart(head: chainHead(), statements: many(2) { $0.signedStatement() })
  }

  mutating func chainPartRequest() -> ChainPartRequest {
    ChainPartRequest(chain: chainReference(), from: index())
  }

  mutating func movedSpace() -> MovedSpace {
    MovedSpace(space: id(), kind: random.pick(SpaceKind.allCases), last: position())
  }

  mutating func receipts() -> ReceiptsResponse.Part {
    ReceiptsResponse.Part(
      space: id(), accessCount: number(below: 63), accesses: many(2) { $0.access() },
      purges: many(2) { $0.purge() }, contacts: many(2) { $0.contact() })
  }

  mutating func access() -> ReceiptsResponse.Access {
    ReceiptsResponse.Access(
      timeMilliseconds: milliseconds(), account: id(), device: id(), action: text(32),
      object: bytes(32), outcome: text(32))
  }

  mutating func purge() -> ReceiptsResponse.Purge {
    ReceiptsResponse.Purge(
      report: PurgeReport(
        space: id(), device: id(), timeMilliseconds: milliseconds(), signature: octets(),
        shares: [id()], position: position()), receivedMilliseconds: milliseconds())
  }

  mutating func contact() -> ReceiptsResponse.Contact {
    ReceiptsResponse.Contact(
      device: id(), position: position(), timeMilliseconds: milliseconds())
  }

  mutating func pushItem() -> PushItem {
    random.oneIn(2) ? .statement(signedStatement()) : .segment(journalSegment())
  }

  mutating func pushVerdict() -> PushVerdict {
    switch count(2) {
    case 0: .accepted(position())
    case 1: .deferred(random.pick(Deferral.allCases))
    default: .refused(position(), refusal())
    }
  }

  mutating func wrapOwner() -> WrapOwner {
    random.oneIn(2) ? .space(id()) : .chain(chainReference())
  }

  mutating func sessionRequest() -> SessionRequest {
    SessionRequest(
      account: id(), device: id(), scope: random.pick(SessionScope.allCases),
      nonce: random.bytes(32), signature: octets())
  }
}

import CBOR
import Merge
import Signing
import SyncProtocol

extension Generator {
  mutating func evidence() -> Evidence {
    Evidence(
      kind: text(64), space: maybe { $0.id() }, timeMilliseconds: milliseconds(),
      server: serverCertificate(), shown: shownHistory())
  }

  mutating func shownHistory() -> ShownHistory {
    switch count(5) {
    case 0: .page(shownPage())
    case 1: .view(contradictingView())
    case 2: .heads(logHead(), logHead())
    case 3: .chain(maybe { $0.chainHead() }, chainPart())
    case 4: .account(chainHead(), many(2) { $0.signedStatement() }, signedView())
    default: .other(bytes(100))
    }
  }

  mutating func shownPage() -> ShownPage {
    ShownPage(
      position: position(), hash: octets(), signed: maybe { $0.logHead() },
      journals: many(2) { ShownPage.Journal(replica: $0.id(), point: $0.journalPoint()) },
      keys: many(2) { $0.octets() }, page: logPage())
  }

  mutating func signedView() -> SignedView {
    SignedView(
      replica: id(), point: journalPoint(), signature: journalSignature(), key: octets())
  }

  mutating func contradictingView() -> ContradictingView {
    ContradictingView(
      head: logHead(), hash: octets(), entryHashes: many(3) { $0.octets() }, view: signedView())
  }
}

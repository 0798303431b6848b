import CBOR
import Merge
import Signing
import SyncProtocol
import TestSupport

/// Everything that crosses the wire: there is one encoding for each value, so what was decoded is
/// encoded to the bytes that it came from.
extension FuzzTarget {
  static let cbor = FuzzTarget(name: "cbor") { bytes in
    let value = attempt { () throws(CBORError) in try CBORValue(decoding: bytes) }
    let raw = attempt { () throws(CBORError) in
      var reader = CBORReader(bytes)
      let raw = try reader.raw()
      try reader.finish()
      return Array(raw)
    }
    require((value == nil) == (raw == nil), "building and skipping an item agree")
    guard let value else { return }
    require(value.encoded == bytes && raw == bytes, "one encoding for each value")
  }

  static let commit = FuzzTarget(name: "commit") { bytes in
    guard let encoded: EncodedCommit = recoded(bytes) else { return }
    let stripped = encoded.withoutSealed
    require(stripped.contentHash == encoded.contentHash, "a refusal's hash is the commit's")
    let decoded = attempt { () throws(WireError) in try encoded.decoded() }
    guard let decoded, encoded.sealed != nil else { return }
    require(EncodedCommit(decoded) == encoded, "one encoding for each commit")
  }

  static let page = FuzzTarget(name: "page") { bytes in
    if let entry: LogEntry = recoded(bytes), entry.contentHash == nil { _ = entry.hash(at: nil) }
    guard let page: LogPage = recoded(bytes) else { return }
    do {
      let start = LogHead(
        space: page.head.head.space, incarnation: page.head.head.incarnation, position: page.after,
        hash: .zero)
      _ = try PageVerifier(server: Strangers.server).verify(page, from: start, ground: Strangers())
      require(false, "a page that nobody signed is refused")
    } catch {
      return
    }
  }

  static let statement = FuzzTarget(name: "statement") { bytes in
    let _: StatementBody? = recoded(bytes)
    let _: Statement? = recoded(bytes)
    guard let signed: SignedStatement = recoded(bytes) else { return }
    require(signed.statement.encoded == signed.payload, "what was signed is what is read")
    let chain = attempt {
      do { return try ReducedChain(first: signed, authority: Strangers()) } catch {
        throw Refused()
      }
    }
    if let chain { require(chain.head == signed.point, "a chain begins with its first statement") }
  }

  /// Every other message; most inputs are none of them.
  static let messages = FuzzTarget(name: "messages") { bytes in
    for recode in WireTypes.recoders { recode(bytes) }
  }

  static let token = FuzzTarget(name: "token") { bytes in
    if let invitation: Invitation = recodedToken(bytes) {
      let again = attempt { () throws(WireError) in try Invitation(token: invitation.token) }
      require(again == invitation, "an invitation comes back from its token")
    }
    if let enrolment: Enrolment = recodedToken(bytes) {
      let again = attempt { () throws(WireError) in try Enrolment(token: enrolment.token) }
      require(again == enrolment, "an enrolment comes back from its token")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    _ = attempt { () throws(WireError) in try Invitation(token: text) }
    _ = attempt { () throws(WireError) in try Enrolment(token: text) }
  }
}

struct Refused: Error {}

/// As ``recoded(_:_:)``, of a message with a secret.
func recodedToken<Value: SecretToken>(_ bytes: [UInt8]) -> Value? {
  let value = attempt { () throws(WireError) in try Value(decoding: bytes) }
  if let value {
    require(value.withEncoded { Array($0) } == bytes, "one encoding for each \(Value.self)")
  }
  return value
}

/// The value, or `nil` where the bytes are refused: a decoder throws nothing but its own error.
func attempt<Value, Failure: Error>(_ body: () throws(Failure) -> Value) -> Value? {
  do throws(Failure) { return try body() } catch { return nil }
}

/// What the bytes decode to, which is encoded to the same bytes.
func recoded<Value: WireCodable>(_ bytes: [UInt8], _ type: Value.Type = Value.self) -> Value? {
  let value = attempt { () throws(WireError) in try Value(decoding: bytes) }
  if let value { require(value.encoded == bytes, "one encoding for each \(Value.self)") }
  return value
}

/// Nobody is known, and nothing was signed by anybody.
private struct Strangers: PageGround, ChainAuthority {
  static let server: ServerCertificate = {
    let key = SigningKey(random: SeededRandom(seed: 1))
    return ServerCertificate(
      identity: key, log: key.publicKey, checkpoint: key.publicKey)
  }()

  func journalPoint(_ replica: ReplicaID) -> JournalPoint { .start }
  func identityKey(_ device: DeviceID) -> SigningPublicKey? { nil }
  func isSigned(_ statement: SignedStatement) -> Bool { true }
  func isAdmin(_ account: AccountID, of organisation: OrganisationID) -> Bool { true }
  func isSigned(_ head: SignedChainHead) -> Bool { true }
}

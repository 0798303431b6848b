import Merge
import Sealing
import Signing
import SyncProtocol

/// A further device of an account, on the device that is there.
extension Replica {
  /// Makes the token that the new device needs. Good for one device, for a day.
  public func offerEnrolment() throws -> Enrolment {
    let nonce = EnrolmentNonce(Digest(environment.random.bytes(32)) ?? .zero)
    let enrolment = Enrolment(
      server: identity.server, account: identity.account, role: identity.role,
      organisation: try ownOrganisation(), name: try ownName(),
      accountHead: try ownChain().head,
      expiresMilliseconds: try nowMilliseconds + Enrolment.lifetimeMilliseconds, nonce: nonce,
      secret: SharedSecret(random: environment.random))
    let offer = OfferedEnrolment(enrolment: enrolment, nonce: nonce)
    try handOut(offer.kept, lookup: enrolment.lookup, kind: .enrolment)
    return enrolment
  }

  /// A device that asks to join, checked against the secret that was handed out.
  public struct Candidate: Sendable {
    /// What the new device has to show too.
    public let shortCode: String
    public let device: DeviceID
    let request: EnrolmentRequest
    let enrolment: Enrolment
  }

  /// The devices that ask to join with a token of this device. Others are left out: whoever sent
  /// them did not have the secret. From here on the new device can show the short code.
  public func candidates(_ transport: any Transport) throws -> [Candidate] {
    var report = SyncReport()
    let connection = try connect(transport, &report)
    return try askingDevices(connection).compactMap { request, offer in
      // On disk before the nonce is shown: no second request gets to see it first.
      guard try bind(offer, to: request) else { return nil }
      _ = try connection.send(
        .post, Path.enrolmentAnswer,
        EnrolmentAnswer(lookup: request.lookup, nonce: offer.nonce).encoded)
      return Candidate(
        shortCode: offer.enrolment.shortCode(
          request.certificate, joining: request.nonce, nonce: offer.nonce),
        device: request.certificate.device, request: request, enrolment: offer.enrolment)
    }
  }

  /// Who asks with a token of this device that is good still.
  func askingDevices(
    _ connection: Connection
  ) throws -> [(request: EnrolmentRequest, offer: OfferedEnrolment)] {
    let list = try connection.send(.post, Path.enrolmentList)
    return try EnrolmentList(decoding: list).requests.compactMap { request in
      guard let offer = try openOffer(request.lookup), try isMeant(request, by: offer) else {
        return nil
      }
      return (request, offer)
    }
  }

  /// What was offered under a name, and neither used nor taken back nor expired.
  private func openOffer(_ lookup: Digest) throws -> OfferedEnrolment? {
    guard try handedOutState(lookup: lookup) == "open",
      let kept = try keptSecret(lookup: lookup, kind: .enrolment)
    else { return nil }
    let offer = try OfferedEnrolment(open: kept.open, secret: kept.secret)
    return try nowMilliseconds < offer.enrolment.expiresMilliseconds ? offer : nil
  }

  private func isMeant(_ request: EnrolmentRequest, by offer: OfferedEnrolment) throws -> Bool {
    let certificate = request.certificate
    return certificate.identity.verify(
      request.proof, of: certificate.proofMessage(for: identity.account), .deviceProof)
      && offer.enrolment.secret.isValid(
        request.mac, for: offer.enrolment.requestMessage(certificate, request.nonce),
        .enrolmentRequest)
  }

  /// - Returns: whether the offer is for this request: the first one that came.
  private func bind(_ offer: OfferedEnrolment, to request: EnrolmentRequest) throws -> Bool {
    if let bound = offer.request { return bound == request }
    let bound = OfferedEnrolment(
      enrolment: offer.enrolment, nonce: offer.nonce, request: request)
    try changeHandedOut(bound.kept, lookup: request.lookup, kind: .enrolment)
    return true
  }

  /// Certifies a device in the account's chain, wraps the account key for it, and hands over what it
  /// needs to check the server.
  public func approve(_ candidate: Candidate, _ transport: any Transport) throws {
    var report = SyncReport()
    let connection = try connect(transport, &report)
    try requireServerClock()
    try fetchChain(.account(identity.account), connection)
    let certificate = candidate.request.certificate
    try takeAccountKeys(connection)
    let chain = try ownChain()
    if chain.isRevoked(certificate.device) {
      throw ReplicaError.badInput("that device was taken out; make a new home on it")
    }
    guard
      let accountKey = try unlockedKeys().exchange(
        .account(generation: Int(chain.keyGeneration)))
    else { throw ReplicaError.notReady("the account key has not arrived") }
    let wrap = try wrap(accountKey, for: certificate.exchange)
    let addition = DeviceAddition(
      device: certificate, proof: candidate.request.proof,
      accountKeyWrap: Hasher256.content(wrap))
    if chain.devices[certificate.device] == nil {
      try append(
        .deviceAddition(addition), to: .account(identity.account), wraps: [wrap], connection)
    }
    let head = try ownChain().head
    let handed = try handedHeads(for: certificate.device)
    let approval = EnrolmentApproval(
      lookup: candidate.request.lookup, accountHead: head, handedHeads: handed,
      mac: candidate.enrolment.approvalMAC(certificate, head: head, handedHeads: handed))
    _ = try connection.send(.post, Path.enrolmentApprove, approval.encoded)
    try closeHandedOut(lookup: candidate.request.lookup, state: "used")
  }

  /// Says no to a device that asks. Its token is of no use any more.
  public func refuse(_ candidate: Candidate, _ transport: any Transport) throws {
    var report = SyncReport()
    try withdraw(candidate.request.lookup, connect(transport, &report))
  }

  /// Takes back every token that was made here and not used, and says no to whoever asks with one.
  ///
  /// - Returns: how many.
  public func withdrawEnrolments(_ transport: any Transport) throws -> Int {
    var report = SyncReport()
    let connection = try connect(transport, &report)
    let lookups = try openHandedOut(kind: .enrolment)
    for lookup in lookups { try withdraw(lookup, connection) }
    return lookups.count
  }

  private func withdraw(_ lookup: Digest, _ connection: Connection) throws {
    try closeHandedOut(lookup: lookup, state: "withdrawn")
    do {
      _ = try connection.send(
        .post, Path.enrolmentAnswer, EnrolmentAnswer(lookup: lookup, nonce: nil).encoded)
    } catch ReplicaError.server(.enrolmentUnknown) {
      // Nobody has asked with it.
    } catch ReplicaError.server(.notAllowed) {
      // Somebody was let in with it, and the answer was lost.
    }
  }
}

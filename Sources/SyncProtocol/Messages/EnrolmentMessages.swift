import CBOR
import Merge
import Signing

/// A new device asks to join an account; sent without a session.
public struct EnrolmentRequest: Hashable, WireCodable {
  public let account: AccountID
  /// The hash under which both devices know the enrolment.
  public let lookup: Digest
  public let certificate: DeviceCertificate
  public let proof: Signature
  /// What the new device adds to the short code.
  public let nonce: EnrolmentNonce
  /// Under the enrolment's secret, over account, certificate and nonce: the server cannot put in
  /// another device.
  public let mac: Digest

  public init(
    account: AccountID, lookup: Digest, certificate: DeviceCertificate, proof: Signature,
    nonce: EnrolmentNonce, mac: Digest
  ) {
    self.account = account
    self.lookup = lookup
    self.certificate = certificate
    self.proof = proof
    self.nonce = nonce
    self.mac = mac
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 6)
    writer.id(account)
    writer.octets(lookup)
    writer.object(certificate)
    writer.octets(proof)
    writer.id(nonce)
    writer.octets(mac)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(6, "enrolment request")
    account = try reader.id()
    lookup = try reader.digest()
    certificate = try reader.object()
    proof = try reader.signature()
    nonce = try reader.id()
    mac = try reader.digest()
  }
}

/// Devices that ask to join the session account.
public struct EnrolmentList: Hashable, WireCodable {
  public let requests: [EnrolmentRequest]

  public init(requests: [EnrolmentRequest]) {
    self.requests = requests
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.list(requests) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "enrolment list")
    requests = try reader.list(max: 16) { (r) throws(WireError) in
      try r.object()
    }
  }
}

/// The approving device's word to the new one.
public struct EnrolmentApproval: Hashable, WireCodable {
  public let lookup: Digest
  /// The chain with the new device in it.
  public let accountHead: ChainPoint
  public let handedHeads: HandedHeads
  /// Under the enrolment's secret, over account, certificate, chain head and handed heads.
  public let mac: Digest

  public init(
    lookup: Digest, accountHead: ChainPoint, handedHeads: HandedHeads, mac: Digest
  ) {
    self.lookup = lookup
    self.accountHead = accountHead
    self.handedHeads = handedHeads
    self.mac = mac
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.octets(lookup)
    writer.object(accountHead)
    writer.object(handedHeads)
    writer.octets(mac)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "enrolment approval")
    lookup = try reader.digest()
    accountHead = try reader.object()
    handedHeads = try reader.object()
    mac = try reader.digest()
  }
}

/// Asks whether an enrolment was approved; sent without a session.
public struct EnrolmentQuery: Hashable, WireCodable {
  public let account: AccountID
  public let lookup: Digest

  public init(account: AccountID, lookup: Digest) {
    self.account = account
    self.lookup = lookup
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.id(account)
    writer.octets(lookup)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "enrolment query")
    account = try reader.id()
    lookup = try reader.digest()
  }
}

/// What the device that is there has said so far; the account chain comes with the approval.
public struct EnrolmentResult: Hashable, WireCodable {
  public let answer: EnrolmentAnswer?
  public let approval: EnrolmentApproval?
  public let chain: ChainPart?

  public init(
    answer: EnrolmentAnswer? = nil, approval: EnrolmentApproval? = nil, chain: ChainPart? = nil
  ) {
    self.answer = answer
    self.approval = approval
    self.chain = chain
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.optional(answer) { $0.object($1) }
    writer.optional(approval) { $0.object($1) }
    writer.optional(chain) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "enrolment result")
    answer = try reader.optional { (r) throws(WireError) in try r.object() }
    approval = try reader.optional { (r) throws(WireError) in try r.object() }
    chain = try reader.optional { (r) throws(WireError) in try r.object() }
  }
}

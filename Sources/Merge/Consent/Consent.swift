import CBOR

/// Where a dual consent stands (requirement E5).
public enum ConsentStatus: String, CaseIterable, Sendable {
  /// At least one of the two has not decided.
  case pending
  /// Both said yes, and the end is not reached.
  case active
  /// At least one said no.
  case declined
  /// The client revoked it, or the practitioner withdrew.
  case revoked
  /// Both said yes, and the agreed end has passed.
  case expired
}

/// What a consent comes to at a moment.
public struct ConsentState: Hashable, Sendable {
  public let status: ConsentStatus
  /// What both sides approved; without permissions unless the status is `active`.
  public let terms: ConsentTerms
}

/// The proposal and the two independent decisions of one assignment.
///
/// An assignment that a client made alone is for a family caregiver who has accepted the client's
/// invitation (requirement E4): it needs no second yes, and a no of either side counts as ever.
///
/// The same pure function gives status and effective permissions on device and server. It looks at
/// *all* siblings: among concurrent decisions the most restrictive one counts, and concurrent
/// approvals allow only what each of them allows.
public struct Consent: Hashable, Sendable {
  public static let type = "assignment"
  public static let termsKey = "terms"
  public static let practitionerKey = "practitioner_decision"
  public static let clientKey = "client_decision"
  /// Present in an administrator's proposal, absent in a client's own assignment.
  public static let organisationKey = "organisation"

  public private(set) var terms = Register()
  public private(set) var practitioner = Register()
  public private(set) var client = Register()
  /// Where each approval of the client's was first written: what a share may rest on.
  public private(set) var approvals: [Origin] = []
  /// Whether the client made the assignment, for somebody who accepted the client's invitation.
  public private(set) var isByInvitation = false

  public init() {}

  /// A consent as a person sees it, from the registers of an assignment's row.
  public init(
    terms: Register, practitioner: Register, client: Register, isByInvitation: Bool = false
  ) {
    self.init(
      terms: terms, practitioner: practitioner, client: client, approvals: [],
      isByInvitation: isByInvitation)
  }

  /// The consent that the registers of an assignment's row come to.
  public init(record: RecordState) {
    let register = { (key: String) in record.registers[key] ?? Register() }
    self.init(
      terms: register(Self.termsKey), practitioner: register(Self.practitionerKey),
      client: register(Self.clientKey),
      isByInvitation: record.created != nil && register(Self.organisationKey).siblings.isEmpty)
  }

  init(
    terms: Register, practitioner: Register, client: Register, approvals: [Origin],
    isByInvitation: Bool
  ) {
    self.isByInvitation = isByInvitation
    self.terms = terms
    self.practitioner = practitioner
    self.client = client
    self.approvals = approvals
  }

  /// Applies the writes of one commit in the assignment's log, in log order.
  public mutating func apply(_ changes: [RecordChange], of stamp: CommitStamp) {
    for change in changes where change.type == Self.type {
      if change.operation == .create {
        isByInvitation = !change.writes.contains { $0.key == Self.organisationKey }
      }
      for write in change.writes { apply(write, of: stamp) }
    }
  }

  private mutating func apply(_ write: FieldWrite, of stamp: CommitStamp) {
    let sibling = Sibling(
      position: stamp.position, authorship: stamp.authorship, value: write.value)
    switch write.key {
    case Self.termsKey: terms.apply(sibling, seen: stamp.seen)
    case Self.practitionerKey: practitioner.apply(sibling, seen: stamp.seen)
    case Self.clientKey:
      client.apply(sibling, seen: stamp.seen)
      if Self.decision(of: sibling) == "approved" { approvals.append(stamp.authorship.origin) }
    default: break
    }
  }

  /// Status and effective terms at a moment.
  ///
  /// - Parameter nowMilliseconds: log time on the server and in acceptance, the clamped clock on a
  ///   device.
  public func state(nowMilliseconds: UInt64) -> ConsentState {
    let status = status(nowMilliseconds: nowMilliseconds)
    guard status == .active || status == .expired, let agreed = agreedTerms() else {
      return ConsentState(
        status: status, terms: ConsentTerms(permissions: [], untilMilliseconds: nil))
    }
    let permissions = status == .active ? agreed.permissions : []
    return ConsentState(
      status: status,
      terms: ConsentTerms(
        permissions: permissions, untilMilliseconds: agreed.untilMilliseconds))
  }

  private func status(nowMilliseconds: UInt64) -> ConsentStatus {
    let words = (practitioner.siblings + client.siblings).map(Self.decision)
    if words.contains("revoked") || words.contains("withdrawn") { return .revoked }
    if words.contains("declined") { return .declined }
    guard isByInvitation || !practitioner.siblings.isEmpty, !client.siblings.isEmpty,
      words.allSatisfy({ $0 == "accepted" || $0 == "approved" })
    else { return .pending }
    if let until = agreedTerms()?.untilMilliseconds, nowMilliseconds >= until { return .expired }
    return .active
  }

  private func agreedTerms() -> ConsentTerms? {
    let all = (practitioner.siblings + client.siblings).map { ConsentTerms(value: $0.value) }
    guard let first = all.first else { return nil }
    return all.dropFirst().reduce(first) { $0.intersection($1) }
  }

  static func decision(of sibling: Sibling) -> String? {
    sibling.value.map?["decision"]?.text
  }
}

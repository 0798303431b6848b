import CBOR
import Merge
import Signing
import SyncProtocol

/// An invitation that this device made, as its maker sees it.
public struct InvitationStatus: Sendable {
  public enum Stage: String, Sendable {
    case pending
    case expired
    /// Used by somebody who knew the secret; bound to the name.
    case accepted
    /// Used, and not looked at by this device yet.
    case used
    /// Used by somebody who did not know the secret.
    case forged
  }

  public let role: Role
  public let name: String?
  public let expiresMilliseconds: UInt64
  public let stage: Stage
  public let account: AccountID?
}

extension Replica {
  /// Makes an invitation and tells the server the hash of its secret.
  ///
  /// - Parameters:
  ///   - name: what the inviter calls the person. For staff it will be signed into the organisation's
  ///     chain; a client's name stays on this device.
  ///   - terms: what a client allows a family caregiver from the moment they accept; viewing files
  ///     where `nil`.
  public func invite(
    role: Role, name: String?, terms: ConsentTerms? = nil, _ transport: any Transport
  ) throws -> Invitation {
    guard Self.mayInvite(identity.role, role) else {
      throw ReplicaError.badInput(
        "the role \(identity.role.rawValue) may not invite the role \(role.rawValue)")
    }
    if let terms { try Self.checkFamily(terms) }
    if let name { try Self.checkName(name) }
    let organisation = role == .family ? nil : try ownOrganisation()
    if identity.role == .admin && organisation == nil {
      throw ReplicaError.notReady("found the organisation first: satchel org create NAME")
    }
    var report = SyncReport()
    let connection = try connect(transport, &report)
    let invitation = Invitation(
      server: identity.server, organisation: organisation, inviter: identity.account, role: role,
      expiresMilliseconds: try nowMilliseconds + Invitation.lifetimeMilliseconds(role),
      secret: SharedSecret(random: environment.random))
    try handOut(
      KeptSecret(
        open: Self.encode(invitation, name: name, terms: terms), secret: invitation.secret),
      lookup: invitation.lookup, kind: .invitation)
    _ = try connection.send(
      .post, Path.invitations,
      InvitationRequest(
        lookup: invitation.lookup, role: role, organisation: organisation,
        expiresMilliseconds: invitation.expiresMilliseconds
      ).encoded)
    return invitation
  }

  private static func mayInvite(_ inviter: Role, _ role: Role) -> Bool {
    switch inviter {
    case .admin: [.admin, .practitioner, .client].contains(role)
    case .client: role == .family
    default: false
    }
  }

  private static func encode(
    _ invitation: Invitation, name: String?, terms: ConsentTerms?
  ) -> [UInt8] {
    CBORValue.array([
      .bytes(invitation.open), name.map { .text($0) } ?? .null,
      terms.map { .map(CBORMap($0.entries)) } ?? .null,
    ]).encoded
  }

  /// An invitation that was handed out here, and what was meant by it.
  private struct OwnInvitation {
    let invitation: Invitation
    let name: String?
    let terms: ConsentTerms
  }

  private func handedOutInvitation(
    _ lookup: Digest
  ) throws -> OwnInvitation? {
    if let kept = try keptSecret(lookup: lookup, kind: .invitation) {
      return try ownInvitation(kept.open) { (open) throws(WireError) in
        try Invitation(open: open, secret: kept.secret)
      }
    }
    // Earlier versions sealed all of it as a text.
    return try handedOut(lookup: lookup, kind: .invitation).map { text in
      try ownInvitation(text) { (encoded) throws(WireError) in
        try Invitation(decoding: encoded)
      }
    }
  }

  private func ownInvitation(
    _ bytes: [UInt8], _ invitation: ([UInt8]) throws(WireError) -> Invitation
  ) throws -> OwnInvitation {
    // Earlier versions kept no terms.
    guard let parts = try CBORValue(decoding: bytes).array, parts.count == 2 || parts.count == 3,
      let encoded = parts[0].bytes
    else { throw ReplicaError.homeDamaged("invitation") }
    let viewing = ConsentTerms(permissions: [.viewFiles], untilMilliseconds: nil)
    let terms = parts.last?.map == nil ? viewing : ConsentTerms(value: parts[2])
    return OwnInvitation(
      invitation: try invitation(encoded), name: parts[1].text, terms: terms)
  }

  /// The account's invitations, oldest first: pending, used, expired.
  public func invitations(_ transport: any Transport) throws -> [InvitationStatus] {
    var report = SyncReport()
    let connection = try connect(transport, &report)
    return try invitationStates(connection).map { state in
      let own = try handedOutInvitation(state.lookup)
      return InvitationStatus(
        role: state.role, name: own?.name, expiresMilliseconds: state.expiresMilliseconds,
        stage: try stage(state), account: state.acceptance?.account)
    }
  }

  private func invitationStates(_ connection: Connection) throws -> [InvitationState] {
    let bytes = try connection.send(.post, Path.invitationList)
    return try InvitationList(decoding: bytes).invitations
  }

  private func stage(_ state: InvitationState) throws -> InvitationStatus.Stage {
    guard state.acceptance != nil else {
      return try nowMilliseconds < state.expiresMilliseconds ? .pending : .expired
    }
    switch try handedOutState(lookup: state.lookup) {
    case "bound": return .accepted
    case "forged": return .forged
    default: return .used
    }
  }

  /// Checks who came with the secrets that were handed out, and binds them to their roles and names.
  ///
  /// - Returns: whether anything was written.
  func bindAcceptances(_ connection: Connection, _ report: inout SyncReport) throws -> Bool {
    var hasWritten = false
    for state in try invitationStates(connection) {
      guard let acceptance = state.acceptance,
        try handedOutState(lookup: state.lookup) == "open",
        let own = try handedOutInvitation(state.lookup)
      else { continue }
      let (invitation, name) = (own.invitation, own.name)
      let isGenuine = invitation.secret.isValid(
        acceptance.mac,
        for: Invitation.acceptanceMessage(acceptance.account, acceptance.accountHead),
        .invitationAcceptance)
      guard isGenuine else {
        try keepEvidence(
          .other(state.encoded), kind: "invitation used without its secret", space: nil)
        try closeHandedOut(lookup: state.lookup, state: "forged")
        try report.keep(
          .dishonest("an invitation was used by somebody who did not have it; nobody was let in"),
          while: "invitations")
        continue
      }
      do {
        try bind(acceptance, invitation, name: name, connection)
      } catch ReplicaError.server(.chainUnsettled) {
        try report.keep(.server(.chainUnsettled), while: "invitations")
        continue
      }
      if invitation.role == .family {
        try linkFamily(acceptance.account, terms: own.terms, connection, &report)
        hasWritten = true
      }
      try closeHandedOut(lookup: state.lookup, state: "bound")
      try keepInvitedName(acceptance.account, name: name, role: invitation.role)
      report.news.append("\(name ?? invitation.role.rawValue) has joined")
    }
    return hasWritten
  }

  private func bind(
    _ acceptance: InvitationAcceptance, _ invitation: Invitation, name: String?,
    _ connection: Connection
  ) throws {
    try fetchChain(.account(acceptance.account), connection)
    guard try chains.accountChain(acceptance.account)?.contains(acceptance.accountHead) == true
    else {
      throw ReplicaError.dishonest("the chain of a new account is not the one it vouched for")
    }
    guard let organisation = invitation.organisation, identity.role == .admin else { return }
    try fetchChain(.organisation(organisation), connection)
    if try chains.organisationChain(organisation)?.members[acceptance.account] != nil { return }
    let member = OrganisationMember(
      account: acceptance.account, accountHead: acceptance.accountHead, role: invitation.role,
      name: invitation.role == .client ? nil : name)
    try append(.organisationMember(member), to: .organisation(organisation), wraps: [], connection)
  }

  // MARK: Names given when inviting

  private func keepInvitedName(_ account: AccountID, name: String?, role: Role) throws {
    guard let name else { return }
    let lookup = Self.invitedNameLookup(account)
    guard try handedOutState(lookup: lookup) == nil else { return }
    try handOut(
      CBORValue.array([.bytes(account.bytes), .text(name), .text(role.rawValue)]).encoded,
      lookup: lookup, kind: .name)
  }

  static func invitedNameLookup(_ account: AccountID) -> Digest {
    Domain.invitationAcceptance.hash(account.bytes)
  }

  func invitedNames() throws -> [(account: AccountID, name: String, role: Role)] {
    guard keys != nil else { return [] }
    let lookups = try database.rows(
      "SELECT lookup FROM handed_out WHERE kind = ?", .text(HandedOutKind.name.rawValue)
    ) { Digest($0.blob(0)) }
    return try lookups.compactMap { lookup in
      guard let lookup, let bytes = try handedOut(lookup: lookup, kind: .name),
        let parts = try CBORValue(decoding: bytes).array, parts.count == 3,
        let account = parts[0].bytes.flatMap({ AccountID($0) }), let name = parts[1].text,
        let role = parts[2].text.flatMap(Role.init(rawValue:))
      else { return nil }
      return (account, name, role)
    }
  }
}

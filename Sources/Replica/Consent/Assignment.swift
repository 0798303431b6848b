import CBOR
import Merge
import SpaceStore
import SyncProtocol

/// One assignment: who is to be linked with whom, and where the two decisions stand.
public struct Assignment: Sendable {
  public let space: SpaceID
  public let record: RecordID
  public let client: AccountID
  public let practitioner: AccountID
  /// What the administrator proposes.
  public let proposed: ConsentTerms
  /// `accepted`, `declined` or `withdrawn`; `nil` before a decision.
  public let practitionerDecision: String?
  /// `approved`, `declined` or `revoked`.
  public let clientDecision: String?
  public let state: ConsentState
  /// Whether the client made it, for a family caregiver; else an administrator proposed it.
  public let isFamily: Bool
  /// The engagement that rests on it and has not ended.
  public let engagement: SpaceID?
  /// Whether that is there with a key; as far as a locked home can tell.
  public let isUsable: Bool
}

extension Replica {
  private func key(_ space: SpaceID, _ record: RecordID) throws -> RowKey {
    RowKey(space: try store.number(of: space), type: Consent.type, record: record)
  }

  /// Every assignment that this account is a side of or has made, oldest first. Own decisions that are
  /// not sent yet are counted in.
  public func assignments() throws -> [Assignment] {
    let rows = try database.rows(
      "SELECT space, record, client, practitioner FROM assignment ORDER BY record"
    ) { ($0.integer(0), $0.blob(1), $0.blob(2), $0.blob(3)) }
    return try rows.compactMap { number, record, client, practitioner in
      guard let space = try spaceID(number), let record = RecordID(record),
        let client = AccountID(client), let practitioner = AccountID(practitioner)
      else { return nil }
      return try assignment(space, record, client: client, practitioner: practitioner)
    }
  }

  private func assignment(
    _ space: SpaceID, _ record: RecordID, client: AccountID, practitioner: AccountID
  ) throws -> Assignment {
    let shown = try store.tables.shownState(key(space, record))
    let register = { (key: String) in shown.registers[key] ?? Register() }
    let consent = Consent(record: shown)
    // The client's own decision is what a family caregiver is offered.
    let engagement = try engagement(of: space)
    let proposal =
      consent.isByInvitation
      ? try winner(register(Consent.clientKey), Consent.clientKey)
      : try winner(register(Consent.termsKey), Consent.termsKey)
    return Assignment(
      space: space, record: record, client: client, practitioner: practitioner,
      proposed: proposal.map { ConsentTerms(value: $0.value) }
        ?? ConsentTerms(permissions: [], untilMilliseconds: nil),
      practitionerDecision: try decision(
        register(Consent.practitionerKey), Consent.practitionerKey),
      clientDecision: try decision(register(Consent.clientKey), Consent.clientKey),
      state: consent.state(nowMilliseconds: try nowMilliseconds),
      isFamily: consent.isByInvitation,
      engagement: engagement,
      isUsable: try engagement.map { try holdsEpoch(of: store.state($0)) } ?? false)
  }

  private func winner(_ register: Register, _ key: String) throws -> Sibling? {
    guard let type = store.schema.type(Consent.type), let field = type.field(key) else {
      return nil
    }
    return field.winner(of: register, in: type)
  }

  private func decision(_ register: Register, _ key: String) throws -> String? {
    try winner(register, key)?.value.map?["decision"]?.text
  }

  /// The assignment of this account with another person, or the only one.
  public func assignment(with name: String?) throws -> Assignment {
    let all = try assignments().filter {
      $0.client == identity.account || $0.practitioner == identity.account
    }
    let account = try name.map { try person(named: $0) }
    let found = account.map { account in
      all.filter { $0.client == account || $0.practitioner == account }
    }
    let choices = found ?? all
    // Of several with one person the latest counts; earlier ones have been revoked or declined.
    let people = Set(choices.map { $0.client == identity.account ? $0.practitioner : $0.client })
    guard let last = choices.last else {
      throw ReplicaError.notFound(name.map { "assignment with \($0)" } ?? "assignment")
    }
    guard people.count == 1 else {
      throw ReplicaError.ambiguous("the assignment", people.sorted().map(markedName))
    }
    return last
  }

  // MARK: Proposing

  /// An administrator proposes to link a practitioner with a client. Needs the server: the space of the
  /// assignment is opened first.
  public func assign(
    practitioner: AccountID, client: AccountID, terms: ConsentTerms, _ transport: any Transport
  ) throws -> SpaceID {
    guard let organisation = try ownOrganisation(), identity.role == .admin else {
      throw ReplicaError.badInput("only an administrator of an organisation makes assignments")
    }
    guard let members = try chains.organisationChain(organisation)?.members,
      members[practitioner]?.role == .practitioner, members[client]?.role == .client
    else {
      throw ReplicaError.badInput(
        "an assignment links a practitioner and a client of the organisation")
    }
    var report = SyncReport()
    let connection = try connect(transport, &report)
    let space = TimeOrderedID.make(SpaceID.self, environment)
    let opening = SpaceOpening(
      kind: .assignment,
      members: [
        try spaceMember(identity.account, .admin), try spaceMember(practitioner, .practitioner),
        try spaceMember(client, .client),
      ], organisation: organisation)
    try expectAccepted(
      push([signOpening(opening, of: space)], wraps: [], in: space, connection))
    try pull(space, connection, &report)
    try write(
      Draft([
        Draft.Change(
          .create, Consent.type, TimeOrderedID.make(RecordID.self, environment),
          [
            Draft.Write("practitioner", .bytes(practitioner.bytes)),
            Draft.Write("client", .bytes(client.bytes)),
            Draft.Write("organisation", .bytes(organisation.bytes)),
            Draft.Write(Consent.termsKey, .map(CBORMap(terms.entries))),
          ])
      ]), in: space)
    try pushAll(connection, &report)
    try pullAll(connection, &report)
    return space
  }

  func expectAccepted(_ verdicts: [PushVerdict]) throws {
    for verdict in verdicts {
      switch verdict {
      case .accepted: continue
      case .refused(_, let refusal): throw ReplicaError.refused(refusal)
      case .deferred: throw ReplicaError.notReady("the server cannot take this now")
      }
    }
  }

  // MARK: Deciding

  /// What a yes carries. A family caregiver says yes to whatever the client allows, now and later.
  private func terms(
    _ chosen: ConsentTerms?, of assignment: Assignment, isClient: Bool
  ) throws -> ConsentTerms {
    guard assignment.isFamily else { return chosen ?? assignment.proposed }
    if let chosen { try Self.checkFamily(chosen) }
    let all = ConsentTerms(permissions: Permission.levels(of: .family), untilMilliseconds: nil)
    return chosen ?? (isClient ? assignment.proposed : all)
  }

  /// - Throws: ``ReplicaError/badInput(_:)`` for permissions that are not a family caregiver's to have
  ///   (requirement E7).
  static func checkFamily(_ terms: ConsentTerms) throws {
    let levels = Permission.levels(of: .family)
    let others = terms.permissions.filter { !levels.contains($0) }.map(\.rawValue)
    guard others.isEmpty else {
      throw ReplicaError.badInput(
        "\(others.joined(separator: ", ")) cannot be allowed to a family caregiver; choose from "
          + levels.map(\.rawValue).joined(separator: ", "))
    }
  }

  /// Writes this account's decision. Works offline.
  ///
  /// - Parameters:
  ///   - word: `accepted`, `declined`, `withdrawn` for a practitioner; `approved`, `declined`,
  ///     `revoked` for a client.
  ///   - terms: what the approval carries; the proposal where `nil`.
  public func decide(
    _ word: String, on assignment: Assignment, terms: ConsentTerms? = nil, reason: String? = nil
  ) throws {
    let isClient = assignment.client == identity.account
    guard isClient || assignment.practitioner == identity.account else {
      throw ReplicaError.badInput("only the two sides of an assignment decide on it")
    }
    if word == "accepted" || word == "approved" { try requireServerClock() }
    let key = isClient ? Consent.clientKey : Consent.practitionerKey
    let shown = try store.tables.shownState(self.key(assignment.space, assignment.record))
    var entries: [(key: CBORValue, value: CBORValue)] = [(.text("decision"), .text(word))]
    if word == "accepted" || word == "approved" {
      entries += try self.terms(terms, of: assignment, isClient: isClient).entries
    }
    if let reason { entries.append((.text("reason"), .text(reason))) }
    try write(
      Draft([
        Draft.Change(
          .update, Consent.type, assignment.record,
          [
            Draft.Write(
              key, .map(CBORMap(entries)),
              shown: shown.registers[key]?.siblings.map(\.authorship.origin) ?? [])
          ])
      ]), in: assignment.space)
  }
}

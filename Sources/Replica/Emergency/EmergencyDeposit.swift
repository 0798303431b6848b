import CBOR
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// The key of a client's vault, laid down for an emergency: sealed to the organisation's emergency team,
/// and once more under a share that the server holds. Neither opens it alone.
public struct EmergencyDeposit: Hashable, Sendable {
  public enum Phase: String, Hashable, Sendable {
    /// Can be opened, once.
    case ready
    case open
    /// Was opened, and is over.
    case ended
    /// The client took it back before anybody opened it.
    case withdrawn
  }

  public struct Access: Hashable, Sendable {
    public let opener: AccountID
    public let kind: String
    /// `nil` while locked.
    public let reason: String?
    /// By the opener's clock, milliseconds since 1970.
    public let sinceMilliseconds: UInt64
    public let untilMilliseconds: UInt64
    /// Whether the server's log has it: nothing is released before.
    public let isRecorded: Bool
    public let isClosed: Bool
  }

  public let id: RecordID
  public let space: SpaceID
  /// Whose vault it opens.
  public let client: AccountID
  public let team: TeamID
  public let isWithdrawn: Bool
  public let access: Access?
  public let phase: Phase
  let epoch: EpochID
  let keyGeneration: UInt64
  let box: [UInt8]
  let share: Digest

  var secret: EmergencySecret {
    EmergencySecret(
      space: space, vault: .vault(of: client), epoch: epoch, keyGeneration: keyGeneration)
  }

  /// One deposit for each key of a vault, so that no key is opened twice.
  static func id(for epoch: EpochID) -> RecordID {
    guard let id = RecordID(Domain.emergencyDeposit.hash(epoch.bytes).bytes.prefix(16)) else {
      preconditionFailure("a record id has 16 bytes")
    }
    return id
  }
}

extension Replica {
  /// The deposits in the casework that this account is in. Works while locked.
  ///
  /// - Parameter now: for what is over by then; the latest time that this home and the log have seen where
  ///   it is left out.
  public func emergencyDeposits(at now: UInt64? = nil) throws -> [EmergencyDeposit] {
    var found: [EmergencyDeposit] = []
    for space in try store.spaceIDs() where try !hasLeft(space) {
      let state = try store.state(space)
      guard state.kind == .casework, let team = state.teams.first else { continue }
      let time = try now ?? max(leaseNowMilliseconds, state.timeMilliseconds)
      for record in try shownRecords(EmergencyRules.deposit, in: space) {
        guard let deposit = try emergencyDeposit(record, team, state, time) else { continue }
        found.append(deposit)
      }
    }
    return found
  }

  func openEmergencies() throws -> [EmergencyDeposit] {
    try emergencyDeposits().filter {
      $0.phase == .open
        && ($0.client == identity.account || $0.access?.opener == identity.account)
    }
  }

  /// `nil` for one that nobody could have written so.
  private func emergencyDeposit(
    _ record: ShownRecord, _ team: TeamID, _ state: SpaceState, _ now: UInt64
  ) throws -> EmergencyDeposit? {
    guard let signer = try signer(at: record.created, in: record.space),
      let client = try author(signer, in: state).account,
      let epoch = record.value("epoch")?.bytes.flatMap({ EpochID($0) }),
      let generation = record.value("key_generation")?.integer.flatMap({ UInt64(exactly: $0) }),
      let box = record.value("box")?.bytes,
      let share = record.value("share")?.bytes.flatMap({ Digest($0) })
    else { return nil }
    let isWithdrawn = !record.values("state").allSatisfy { $0.text == "active" }
    let access = try emergencyAccess(record, state)
    let phase: EmergencyDeposit.Phase =
      if let access {
        isWithdrawn || access.isClosed || now >= access.untilMilliseconds ? .ended : .open
      } else {
        isWithdrawn ? .withdrawn : .ready
      }
    return EmergencyDeposit(
      id: record.id, space: record.space, client: client, team: team, isWithdrawn: isWithdrawn,
      access: access, phase: phase, epoch: epoch, keyGeneration: generation, box: box,
      share: share)
  }

  private func emergencyAccess(
    _ record: ShownRecord, _ state: SpaceState
  ) throws -> EmergencyDeposit.Access? {
    guard let sibling = record.sibling("access"),
      let kind = sibling.value.map?["kind"]?.text,
      let until = sibling.value.map?["until"]?.integer.flatMap({ UInt64(exactly: $0) }),
      let opener = try author(sibling.authorship.origin.replica.device, in: state).account
    else { return nil }
    return EmergencyDeposit.Access(
      opener: opener, kind: kind, reason: isLocked ? nil : try openText(record, "reason"),
      sinceMilliseconds: sibling.authorship.time.milliseconds, untilMilliseconds: until,
      isRecorded: sibling.position.pendingSequence == nil,
      isClosed: record.sibling("closed") != nil)
  }

  /// The team whose members can open deposits, as the organisation's chain says; `nil` where none was
  /// named.
  public func emergencyTeam() throws -> TeamID? {
    guard let organisation = try ownOrganisation() else { return nil }
    return try chains.organisationChain(organisation)?.emergencyTeam
  }

  /// Names the emergency team: a team of the organisation, whose key the deposits are sealed to.
  public func nameEmergencyTeam(_ team: TeamID, _ transport: any Transport) throws {
    guard let organisation = try ownOrganisation(), identity.role == .admin else {
      throw ReplicaError.badInput(
        "only an administrator of an organisation names its emergency team")
    }
    var report = SyncReport()
    let connection = try connect(transport, &report)
    try append(
      .organisationEmergencyTeam(OrganisationTeam(team: team)), to: .organisation(organisation),
      wraps: [], connection)
  }
}

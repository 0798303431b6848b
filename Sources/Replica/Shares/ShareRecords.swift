import Merge
import SpaceStore
import SyncProtocol

/// Where a share stands now.
public enum ShareStatus: Hashable, Sendable {
  case active
  case revoked
  case expired
  /// The consent that it rests on does not hold.
  case consent(ConsentStatus)
  /// The engagement has ended.
  case ended

  public var word: String {
    switch self {
    case .active: "active"
    case .revoked: "revoked"
    case .expired: "expired"
    case .consent(let status): "consent \(status.rawValue)"
    case .ended: "ended"
    }
  }
}

/// One line of a listing of shares, for either side.
public struct ShareItem: Sendable {
  public let id: RecordID
  /// The engagement.
  public let space: SpaceID
  public let file: RecordID
  public let name: String
  public let client: AccountID
  public let practitioner: AccountID
  /// The earlier one of the share's and the consent's end; milliseconds since 1970.
  public let untilMilliseconds: UInt64?
  /// When it was first shared; milliseconds since 1970.
  public let sinceMilliseconds: UInt64
  /// Whether it is shared for a folder, the whole vault, or while the engagement is active.
  public let isStanding: Bool
  /// The request that it answers.
  public let request: RecordID?
  /// What both share and consent allow.
  public let permissions: [Permission]
  public let status: ShareStatus
  public let byteCount: Int
  /// Whether it can be opened without the server.
  public let isHere: Bool
  /// Whether the server has accepted all that this device wrote about it.
  public let isSent: Bool

  /// The end of the id, which tells shares apart; its beginning is only a time.
  public var shortID: String { String(id.hex.suffix(8)) }
}

extension Replica {
  // MARK: Engagements

  private func engagements(where isWanted: (Role) -> Bool) throws -> [SpaceID] {
    try store.spaceIDs().filter { space in
      let state = try store.state(space)
      guard state.kind == .engagement, let role = state.members[identity.account]?.role else {
        return false
      }
      return try isWanted(role) && !hasLeft(space)
    }
  }

  /// Engagements in which this account is the client.
  func sharingEngagements() throws -> [SpaceID] { try engagements { $0 == .client } }

  /// Engagements in which files are shared with this account.
  func receivingEngagements() throws -> [SpaceID] { try engagements { $0 != .client } }

  func client(of engagement: SpaceID) throws -> AccountID? {
    try store.state(engagement).members.filter { $0.value.role == .client }.keys.min()
  }

  func practitioner(of engagement: SpaceID) throws -> AccountID? {
    try store.state(engagement).members.filter { $0.value.role != .client }.keys.min()
  }

  /// What consent an engagement rests on now: what its log says, and no more than the assignment says
  /// on this device, decisions included that are not sent yet.
  func consent(of engagement: SpaceID) throws -> (status: ConsentStatus, terms: ConsentTerms) {
    let inLog = try store.state(engagement).consent.state(nowMilliseconds: try nowMilliseconds)
    guard inLog.status == .active, let space = try assignment(of: engagement),
      let shown = try assignments().first(where: { $0.space == space })?.state
    else { return (inLog.status, inLog.terms) }
    guard shown.status == .active else { return (shown.status, shown.terms) }
    return (.active, inLog.terms.intersection(shown.terms))
  }

  // MARK: Shares

  func shares(in engagement: SpaceID) throws -> [Share] {
    try shownRecords("share", in: engagement).compactMap { Share($0) }
  }

  func shares(ofFile file: RecordID, in engagement: SpaceID) throws -> [Share] {
    guard try store.knows(engagement) else { return [] }
    let ids = try database.rows(
      "SELECT record FROM share WHERE space = ? AND file = ? ORDER BY record",
      .integer(store.number(of: engagement)), .blob(file.bytes)
    ) { try Self.recordID($0.blob(0)) }
    return try ids.compactMap { try shownRecord("share", $0, in: engagement).flatMap { Share($0) } }
  }

  func allShares() throws -> [Share] {
    try (sharingEngagements() + receivingEngagements()).flatMap { try shares(in: $0) }
  }

  func shareName(_ share: Share) throws -> String {
    do {
      if let name = try openText(share.record, "name") { return name }
    } catch ReplicaError.cannotOpen {
      // Shown by its id, so that the others are shown at all.
    }
    return "unreadable-\(share.id.hex.suffix(8))"
  }

  func access(to share: Share) throws -> ShareAccess {
    try access(to: share, under: consent(of: share.space))
  }

  /// - Parameter consent: of the share's engagement; looked up once for many shares.
  func access(
    to share: Share, under consent: (status: ConsentStatus, terms: ConsentTerms)
  ) throws -> ShareAccess {
    ShareAccess(
      isRevoked: share.isRevoked, untilMilliseconds: share.untilMilliseconds,
      permissions: share.permissions, consent: consent.status, consentTerms: consent.terms,
      isEnded: try store.state(share.space).ended != nil,
      renewedMilliseconds: try settings.number(.leasesRenewed))
  }

  /// A clock that is set back does not lengthen a lease: the latest time that this home has seen counts.
  var leaseNowMilliseconds: UInt64 {
    get throws {
      max(
        try nowMilliseconds, clock.last.milliseconds,
        try settings.number(.latestTime) ?? 0)
    }
  }

  /// Shares with this account that are worth fetching.
  func usableShares() throws -> [Share] {
    var usable: [Share] = []
    for space in try receivingEngagements() {
      guard try store.state(space).ended == nil, try consent(of: space).status == .active else {
        continue
      }
      let now = try nowMilliseconds
      for share in try shares(in: space)
      where try share.isActive(nowMilliseconds: now) && isFromClient(share) { usable.append(share) }
    }
    return usable
  }

  /// Whether a device of the engagement's client wrote the share and its content, and the file is of
  /// that client's vault. Devices check this themselves (design §7, Files).
  func isFromClient(_ share: Share) throws -> Bool {
    let state = try store.state(share.space)
    guard let client = try client(of: share.space),
      share.content.vault == .vault(of: client), state.clientVault == share.content.vault
    else { return false }
    let positions =
      [share.record.created]
      + ["content", "access"].compactMap {
        share.record.sibling($0)?.position
      }
    return try positions.allSatisfy { position in
      guard let signer = try signer(at: position, in: share.space) else { return false }
      return state.devices[signer]?.account == client
    }
  }

  // MARK: Listing

  /// What this account shares with others, oldest first.
  public func sharesGiven() throws -> [ShareItem] { try items(in: sharingEngagements()) }

  /// What others share with this account, oldest first.
  public func sharesReceived() throws -> [ShareItem] { try items(in: receivingEngagements()) }

  private func items(in engagements: [SpaceID]) throws -> [ShareItem] {
    _ = try unlockedKeys()
    return try engagements.flatMap { space in
      let consent = try consent(of: space)
      return try shares(in: space).compactMap { try item($0, under: consent) }
    }.sorted { $0.id < $1.id }
  }

  func item(_ share: Share) throws -> ShareItem? {
    try item(share, under: consent(of: share.space))
  }

  private func item(
    _ share: Share, under consent: (status: ConsentStatus, terms: ConsentTerms)
  ) throws -> ShareItem? {
    guard let client = try client(of: share.space),
      let practitioner = try practitioner(of: share.space)
    else { return nil }
    let access = try access(to: share, under: consent)
    let ends = [share.untilMilliseconds, access.consentTerms.untilMilliseconds]
    let isPending = ["content", "access"].contains {
      share.record.sibling($0)?.position.pendingSequence != nil
    }
    return ShareItem(
      id: share.id, space: share.space, file: share.file, name: try shareName(share),
      client: client, practitioner: practitioner,
      untilMilliseconds: ends.compactMap(\.self).min(),
      sinceMilliseconds: try time(of: share.record.created, in: share.space).milliseconds,
      isStanding: share.isAutomatic, request: share.request,
      permissions: share.permissions.filter(access.consentTerms.permissions.contains),
      status: try status(share, access), byteCount: share.content.byteCount,
      isHere: try client == identity.account
        ? isHere(share.content, in: vault) : isHere(share.content, in: share.space),
      isSent: !isPending)
  }

  private func status(_ share: Share, _ access: ShareAccess) throws -> ShareStatus {
    if share.isRevoked { return .revoked }
    if access.isEnded { return .ended }
    if access.consent != .active { return .consent(access.consent) }
    return share.isActive(nowMilliseconds: try nowMilliseconds) ? .active : .expired
  }

  // MARK: Finding

  /// The share that a name, or the end of a share's id, means.
  ///
  /// - Parameter other: the other side, where a name alone is not enough.
  /// - Throws: ``ReplicaError/notFound(_:)``, ``ReplicaError/ambiguous(_:_:)``.
  public func share(named name: String, other: AccountID? = nil) throws -> ShareItem {
    let all = try (sharesReceived() + sharesGiven()).filter { item in
      guard let other else { return true }
      return item.client == other || item.practitioner == other
    }
    let byID = all.filter { name.count >= 6 && $0.id.hex.hasSuffix(name.lowercased()) }
    let byName = all.filter { VaultName($0.name) == VaultName(name) }
    let tree = try store.knows(vault) ? vaultTree() : nil
    let byPath = all.filter { item in
      item.client == identity.account && tree?.path(of: item.file) == name
    }
    let loose = all.filter { $0.name == name }
    for found in [byPath, byName, byID, loose] where !found.isEmpty {
      // What is over does not stand in the way of what holds.
      let active = found.filter { $0.status == .active }
      let choices = active.isEmpty ? found : active
      guard choices.count == 1 else {
        throw ReplicaError.ambiguous(name, choices.map { description(of: $0) })
      }
      return choices[0]
    }
    throw ReplicaError.notFound(name)
  }

  private func description(of item: ShareItem) -> String {
    let other = item.client == identity.account ? item.practitioner : item.client
    return "\(item.name) with \(markedName(other)) (\(item.shortID))"
  }
}

import CBOR
import Merge
import Sealing
import Signing
import SpaceStore
import SyncProtocol

/// The client's side: lays the vault's key down, takes it back, and replaces it after an emergency.
extension Replica {
  private func ownDeposits() throws -> [EmergencyDeposit] {
    try emergencyDeposits().filter { $0.client == identity.account }
  }

  /// Whether a deposit is wanted: one was asked for here, or one stands that was not taken back.
  public func wantsEmergencyDeposit() throws -> Bool {
    if try settings.number(.emergencyAsked) == 1 { return true }
    return try ownDeposits().contains { !$0.isWithdrawn }
  }

  /// Asks for a deposit; the next sync makes it, and anew for each next key of the vault.
  ///
  /// - Throws: ``ReplicaError/badInput(_:)``, ``ReplicaError/notReady(_:)`` where nobody could open it.
  public func turnOnEmergencyDeposit() throws {
    guard identity.role == .client else {
      throw ReplicaError.badInput("only a client has a vault to deposit the key of")
    }
    guard try emergencyTeam() != nil else {
      throw ReplicaError.notReady("the organisation has not named an emergency team")
    }
    guard try emergencySpace() != nil else {
      throw ReplicaError.notReady("there is no casework with the organisation's emergency team yet")
    }
    try requireServerClock()
    try settings.set(.emergencyAsked, number: 1)
  }

  /// Takes the deposit back; what is open ends with it. Works offline, from the next sync on.
  public func turnOffEmergencyDeposit() throws {
    try transaction {
      try settings.set(.emergencyAsked, number: 0)
      for deposit in try ownDeposits() where !deposit.isWithdrawn { try withdraw(deposit) }
    }
  }

  private func withdraw(_ deposit: EmergencyDeposit) throws {
    guard let record = try shownRecord(EmergencyRules.deposit, deposit.id, in: deposit.space)
    else { return }
    let write = Draft.Write(
      "state", .text("withdrawn"), shown: record.shownOrigins("state"))
    try self.write(
      Draft([Draft.Change(.update, EmergencyRules.deposit, deposit.id, [write])]),
      in: deposit.space)
  }

  /// The casework with the emergency team, and the team's key; `nil` where there is none.
  private func emergencySpace() throws -> (space: SpaceID, chain: TeamChain)? {
    guard let team = try emergencyTeam(), let chain = try chains.teamChain(team),
      let space = try caseworkSpaces().first(where: {
        $0.role == .contact && $0.teams == [team]
      })
    else { return nil }
    return (space.id, chain)
  }

  // MARK: At a sync

  /// Makes the deposit that is wanted for the vault's present key, and takes back those before it. One
  /// that lies with another team than the organisation's emergency team now is taken back, and not made
  /// anew: whom to trust is for the person to say.
  ///
  /// - Returns: whether anything was written.
  func keepEmergencyDeposit() throws -> Bool {
    guard identity.role == .client, try emergencyTeam() != nil else { return false }
    let standing = try ownDeposits().filter { !$0.isWithdrawn }
    if standing.contains(where: { $0.phase == .open }) { return false }
    let target = try emergencySpace()
    let elsewhere = standing.filter { $0.space != target?.space }
    let hasWithdrawn = try transaction {
      for deposit in elsewhere { try withdraw(deposit) }
      return !elsewhere.isEmpty
    }
    guard let target else { return hasWithdrawn }
    let here = standing.filter { $0.space == target.space }
    let isAsked = try settings.number(.emergencyAsked) == 1
    guard isAsked || !here.isEmpty else { return hasWithdrawn }
    return try keepDeposit(here, in: target.space, target.chain) || hasWithdrawn
  }

  private func keepDeposit(
    _ standing: [EmergencyDeposit], in space: SpaceID, _ chain: TeamChain
  ) throws -> Bool {
    guard let (epoch, key) = try usableEpoch(of: vault), let teamKey = chain.key,
      let generation = chain.keyGeneration, try !owesKey(chain)
    else { return false }
    let current = standing.first {
      $0.phase == .ready && $0.epoch == epoch && $0.keyGeneration == generation
    }
    return try transaction {
      if let current {
        let earlier = standing.filter { $0.id != current.id }
        for deposit in earlier { try withdraw(deposit) }
        try settings.set(.emergencyAsked, number: 0)
        return !earlier.isEmpty
      }
      let id = EmergencyDeposit.id(for: epoch)
      // The key has one already that is of no more use: the vault's next key comes first.
      guard try shownRecord(EmergencyRules.deposit, id, in: space) == nil else { return false }
      try deposit(
        key,
        as: EmergencySecret(
          space: space, vault: vault, epoch: epoch, keyGeneration: generation), id, to: teamKey)
      return true
    }
  }

  private func deposit(
    _ key: SymmetricKey, as secret: EmergencySecret, _ id: RecordID, to team: ExchangePublicKey
  ) throws {
    let share = SymmetricKey(random: environment.random)
    let box: [UInt8]
    do {
      box = try secret.seal(key, to: team, share: share, random: environment.random)
    } catch SealingError.weakPublicKey {
      throw ReplicaError.dishonest("the emergency team's key is one that hides nothing")
    }
    // Half of a secret: it is the server's to keep.
    let wrap = try keepWrap(share.withBytes { Array($0) }, in: secret.space)
    try write(
      Draft([
        Draft.Change(
          .create, EmergencyRules.deposit, id,
          [
            Draft.Write("epoch", .bytes(secret.epoch.bytes)),
            Draft.Write("key_generation", .unsigned(secret.keyGeneration)),
            Draft.Write("box", .bytes(box)), Draft.Write("share", .bytes(wrap.bytes)),
            Draft.Write("state", .text("active")),
          ])
      ]), in: secret.space)
  }

  // MARK: The vault's next key

  /// Whether somebody may hold the vault's present key because of an emergency that is over.
  func owesKeyAfterEmergency() throws -> Bool {
    guard identity.role == .client, let epoch = try store.state(vault).currentEpoch else {
      return false
    }
    return try ownDeposits().contains { $0.epoch == epoch && $0.phase == .ended }
  }

  /// Whether the vault needs another key: after an emergency, or because a deposit that is wanted cannot
  /// be made for the present one any more.
  func isVaultKeySpent() throws -> Bool {
    if try owesKeyAfterEmergency() { return true }
    guard identity.role == .client, try wantsEmergencyDeposit(), let target = try emergencySpace(),
      let epoch = try store.state(vault).currentEpoch
    else { return false }
    return try ownDeposits().contains {
      $0.space == target.space && $0.epoch == epoch
        && ($0.phase == .withdrawn
          || $0.phase == .ready && $0.keyGeneration != target.chain.keyGeneration)
    }
  }

  // MARK: Telling

  /// What the client is told: that somebody opened their deposit, and that it is over.
  func emergencyNews(since before: [EmergencyDeposit]) throws -> [String] {
    let known = Dictionary(
      before.map { ($0.id, $0.phase) }, uniquingKeysWith: { first, _ in first })
    var news: [String] = []
    for deposit in try ownDeposits() {
      guard let access = deposit.access, deposit.phase != known[deposit.id] else { continue }
      let opener = markedName(access.opener)
      if known[deposit.id] != .open {
        let reason = access.reason.map { ": \($0)" } ?? ""
        news.append("emergency: \(opener) has opened your vault (\(access.kind))\(reason)")
      }
      if deposit.phase == .ended {
        news.append("emergency: the access of \(opener) to your vault has ended")
      }
    }
    return news
  }
}

import Merge
import Sealing
import Signing
import SyncProtocol

/// Teams' keys: the newest is wrapped for each member, and each opens the one before.
extension Replica {
  /// Takes the generations of a team's key that this device may have and does not hold.
  ///
  /// - Throws: ``ReplicaError/dishonest(_:)`` where one is not the key that the chain names.
  func takeTeamKeys(_ team: TeamID, _ connection: Connection) throws {
    guard let chain = try chains.teamChain(team), let hash = chain.members[identity.account],
      let newest = chain.keyGeneration.map({ Int($0) })
    else { return }
    let ownGeneration = Int(chain.keyGenerations[identity.account] ?? 0)
    if let own = try unlockedKeys().exchange(.account(generation: ownGeneration)) {
      try takeTeamKey(chain, newest, hash, with: own, connection)
    }
    for generation in (0..<newest).reversed() {
      guard let next = try unlockedKeys().exchange(.team(team, generation: generation + 1)),
        let predecessor = chain.predecessors[generation]
      else { continue }
      try takeTeamKey(chain, generation, predecessor, with: next, connection)
    }
  }

  private func takeTeamKey(
    _ chain: TeamChain, _ generation: Int, _ hash: Digest, with opener: ExchangeKey,
    _ connection: Connection
  ) throws {
    let name = KeyRing.Name.team(chain.id, generation: generation)
    let key = chain.keys[generation]
    // One that was made here for a team that somebody else has started first is not the team's.
    if let held = try unlockedKeys().exchange(name), held.publicKey == key { return }
    guard let wrap = try fetchWrap(hash, of: .chain(.team(chain.id)), connection) else { return }
    guard let opened = Self.exchangeKey(wrap, with: opener), opened.publicKey == key else {
      throw ReplicaError.dishonest("a team's key is not the one on its chain")
    }
    try unlockedKeys().store(opened, as: name)
  }

  /// Makes the next keys of the teams that owe one. Whatever cannot be done now is tried at the next
  /// sync, and by the other members.
  ///
  /// - Returns: whether anything was pushed.
  func makeDueTeamKeys(_ connection: Connection, _ report: inout SyncReport) throws -> Bool {
    var hasPushed = false
    for case .team(let team) in try chains.references() {
      guard let chain = try chains.teamChain(team), chain.members[identity.account] != nil,
        let newest = chain.keyGeneration
      else { continue }
      let present = try unlockedKeys().exchange(.team(team, generation: Int(newest)))
      guard try present == nil ? isKeyLost() : owesKey(chain) else { continue }
      do {
        try appendTeamKey(
          chain, for: chain.members.keys.sorted(), predecessor: present, connection)
        hasPushed = true
      } catch let error as ReplicaError {
        try report.keep(error, while: "team keys")
      }
    }
    return hasPushed
  }

  /// Whether a team's key that does not open here may be lost: the server was restored, and this device
  /// lacks no key of its own account.
  private func isKeyLost() throws -> Bool {
    guard try settings.number(.incarnation) ?? 0 > 0 else { return false }
    return try unlockedKeys().holds(.account(generation: Int(ownChain().keyGeneration)))
  }

  /// Whether somebody held the team's present key who was removed: a member, or a device of one.
  func owesKey(_ chain: TeamChain) throws -> Bool {
    if chain.isKeyOwed { return true }
    return try chain.members.keys.contains { member in
      let present = try chains.accountChain(member)?.keyGeneration ?? 0
      return chain.keyGenerations[member] ?? 0 < present
    }
  }

  /// Makes a generation of a team's key, wrapped for exactly these members.
  ///
  /// - Parameter predecessor: the key before; `nil` where the team begins, or this device does not hold it.
  func appendTeamKey(
    _ chain: TeamChain, for members: [AccountID], predecessor: ExchangeKey?,
    _ connection: Connection
  ) throws {
    let key = ExchangeKey(random: environment.random)
    var wraps: [[UInt8]] = []
    var named: [TeamKey.Wrap] = []
    for member in members {
      guard let account = try chains.accountChain(member) else {
        throw ReplicaError.notReady("the account's chain has not arrived")
      }
      let wrap = try wrap(key, for: account.accountKey)
      wraps.append(wrap)
      named.append(
        TeamKey.Wrap(
          account: member, keyGeneration: account.keyGeneration, hash: Hasher256.content(wrap)))
    }
    let before = try predecessor.map { try wrap($0, for: key.publicKey) }
    if let before { wraps.append(before) }
    let generation = chain.keys.count
    // In the ring before it is sent, because the answer may be lost; another's is taken over it.
    try unlockedKeys().store(key, as: .team(chain.id, generation: generation))
    let body = TeamKey(
      generation: UInt64(generation), key: key.publicKey, wraps: named,
      predecessor: before.map { Hasher256.content($0) })
    try append(.teamKey(body), to: .team(chain.id), wraps: wraps, connection)
  }
}

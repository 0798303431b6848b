import Merge
import Sealing
import Signing
import SyncProtocol

extension Replica {
  /// How often a revocation is made anew because another device's statement was faster.
  private static var revocationAttemptCountMax: Int { 4 }

  /// Takes a device out of the account, and gives the account its next key, wrapped for the devices
  /// that stay. The next sync replaces the keys of the spaces.
  ///
  /// - Throws: ``ReplicaError/badInput(_:)`` for this device: it would make the key that has to be
  ///   kept from it.
  public func revokeDevice(_ device: DeviceID, _ transport: any Transport) throws {
    guard device != identity.device else {
      throw ReplicaError.badInput(
        "a device is taken out by another device of the account, which makes the next key; "
          + "`satchel logout` ends the use of this one, `satchel account delete` the account")
    }
    var report = SyncReport()
    try takeOut(device, connect(transport, &report))
  }

  /// Takes a device, or a recovery kit, out of the account.
  func takeOut(_ device: DeviceID, _ connection: Connection) throws {
    for attempt in 1...Self.revocationAttemptCountMax {
      try fetchChain(.account(identity.account), connection)
      try takeAccountKeys(connection)
      let chain = try ownChain()
      guard let known = chain.devices[device] else { throw ReplicaError.notFound("such device") }
      if known.revokedAt != nil { return }
      try checkRank(known, chain)
      do {
        try appendRevocation(of: device, chain, connection)
        return
      } catch ReplicaError.server(.chainSuperseded)
        where attempt < Self.revocationAttemptCountMax
      {
        continue
      }
    }
  }

  /// What a recovery kit let in is not taken out by a device that was there before it.
  private func checkRank(_ device: AccountChain.Device, _ chain: AccountChain) throws {
    guard let own = chain.devices[identity.device] else { return }
    if device.rank > own.rank {
      throw ReplicaError.badInput(
        "that came with a recovery kit: only a device that came with it, or after it, takes it out")
    }
    if device.isKit, device.counts, device.rank == own.rank {
      throw ReplicaError.badInput(
        "the recovery kit goes when a new one takes its place: see `satchel recovery kit`")
    }
  }

  /// - Parameter waiting: where a kit that counts goes for one that was announced in time.
  func appendRevocation(
    of device: DeviceID, _ chain: AccountChain, waiting: KitWaiting? = nil,
    _ connection: Connection
  ) throws {
    guard
      let before = try unlockedKeys().exchange(.account(generation: Int(chain.keyGeneration)))
    else { throw ReplicaError.notReady("the account key has not arrived") }
    let key = ExchangeKey(random: environment.random)
    let predecessor = try wrap(before, for: key.publicKey)
    var wraps = [predecessor]
    var named: [DeviceRevocation.Wrap] = []
    for staying in chain.keyHolders where staying.certificate.device != device {
      let wrap = try wrap(key, for: staying.certificate.exchange)
      wraps.append(wrap)
      named.append(
        DeviceRevocation.Wrap(
          device: staying.certificate.device, hash: Hasher256.content(wrap)))
    }
    let body = DeviceRevocation(
      device: device, accountKey: key.publicKey, predecessor: Hasher256.content(predecessor),
      wraps: named, waiting: waiting)
    try append(
      .deviceRevocation(body), to: .account(identity.account), wraps: wraps, connection)
    // From the server, like any other device: if the statement was never made, the key is nobody's.
    try takeAccountKeys(connection)
  }

  // MARK: On the device that was taken out

  /// Whether this device knows that it was taken out, and holds nothing any more.
  public func wasRevoked() throws -> Bool { try settings.bytes(.revoked) != nil }

  /// The server says that this device was taken out. Believed only for the signed statement on the
  /// own chain; then everything goes but what was never sent, and works while locked.
  func leaveAccount(_ transport: any Transport) throws -> SyncReport {
    var report = SyncReport()
    report.wasLocked = isLocked
    let connection = Connection(transport) { [self] bytes, kind in
      try keepEvidence(.other(bytes), kind: kind, space: nil)
    }
    let info = try connection.info(expecting: identity.server)
    try connection.openSession(
      identity, scope: .pull, key: try settings.transportKey(), onTime: { _ in })
    if try !wasRevoked() {
      try fetchOwnChain(connection)
      guard try ownChain().isRevoked(identity.device) else {
        throw try unfoundedRevocation("no device of the account does")
      }
      try setBackLast(info, connection, &report)
      try purgeEverything(&report)
    }
    if try holdsLostPages() { try handBackLast(connection, &report) }
    report.wasRevoked = true
    try reportPurges(connection)
    try settings.set(.lastSync, number: try nowMilliseconds)
    return report
  }

  private func fetchOwnChain(_ connection: Connection) throws {
    do {
      try fetchChain(.account(identity.account), connection)
    } catch ReplicaError.server(.deviceRevoked) {
      // Whoever was taken out may read their own chain: it is what tells them so.
      throw try unfoundedRevocation("does not show which device of the account says so")
    }
  }

  private func unfoundedRevocation(_ what: String) throws -> ReplicaError {
    let point = try ownChain().head
    try keepEvidence(
      .other(identity.device.bytes + point.encoded), kind: "said to be taken out", space: nil)
    return .dishonest("the server says that this device was taken out, and \(what)")
  }

  private func purgeEverything(_ report: inout SyncReport) throws {
    // Cut off in the middle, a log has to be of use still: it goes before the one that it rests on.
    let spaces = try store.spaceIDs()
    let bases = try spaces.filter { try store.state($0).kind == .assignment }
    for space in spaces.filter({ !bases.contains($0) }) + bases {
      // What was written before a space was left had still waited for a verdict.
      try rejectUnsent(in: space, Refusal(.deviceBarred))
      // Of one that nobody has opened there is nothing to remove, and nothing to report.
      guard try !hasLeft(space), try store.state(space).kind != nil else { continue }
      try leave(space, .deviceRevoked)
      report.left[space] = .deviceRevoked
    }
    try transaction {
      try KeyRing.dropAllShared(in: database)
      try database.run("DELETE FROM handed_out")
      try database.run("DELETE FROM own_chain_wraps")
      try database.run("DELETE FROM private_entry")
      try settings.set(.revoked, [1])
    }
    keys?.forgetAll()
    nameCache = [:]
    try database.checkpoint()
  }

  /// No server will take it any more: it is kept for its author to read.
  private func rejectUnsent(in space: SpaceID, _ refusal: Refusal) throws {
    try transaction {
      let number = try store.number(of: space)
      for entry in try outbox(space: number) where entry.accepted == nil {
        try reject(space: number, sequence: entry.sequence, refusal)
      }
    }
  }
}

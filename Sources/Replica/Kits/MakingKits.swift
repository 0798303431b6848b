import Merge
import Sealing
import Signing
import SyncProtocol

/// Recovery kits: a device that is written on paper, for when all others are gone.
extension Replica {
  private static var kitAttemptCountMax: Int { 4 }

  /// The kits that the account has: the one that counts, and one that waits to take its place.
  public func kits() throws -> [KitStanding] {
    // A device that is being restored has no chain yet.
    guard let chain = try chains.accountChain(identity.account) else { return [] }
    return try [chain.countingKit, chain.awaitedKit].compactMap { $0 }.map { kit in
      KitStanding(
        device: kit.certificate.device, madeBy: kit.certifiedBy,
        sinceMilliseconds: try statementTime(at: kit.addedAt), counts: kit.counts,
        countsFromMilliseconds: kit.counts
          ? nil : try announcement(of: kit).map { $0.timeMilliseconds + KitWaiting.milliseconds })
    }
  }

  /// Makes a recovery kit and announces it. Where another one counts, that one goes on counting for
  /// seven days at least; one that was waiting already is withdrawn.
  ///
  /// - Parameter write: puts the kit on paper; called before anything is sent, so that no kit counts
  ///   that nobody has. Called again where another device's statement was faster.
  public func makeKit(
    _ transport: any Transport, write: (borrowing NewKit) throws -> Void
  ) throws -> KitStanding {
    var report = SyncReport()
    let connection = try connect(transport, &report)
    try requireServerClock()
    let entropy = SecretBytes(count: KitKeys.entropyByteCount, random: environment.random)
    guard let keys = KitKeys(entropy: entropy) else {
      preconditionFailure("as many bytes as a kit has")
    }
    try withdrawKits(connection)
    for attempt in 1...Self.kitAttemptCountMax {
      do {
        try announce(keys, entropy, connection, write)
        break
      } catch ReplicaError.server(.chainSuperseded) where attempt < Self.kitAttemptCountMax {
        continue
      }
    }
    try followOwnChain(connection)
    try audit(.kit, device: keys.certificate.device)
    guard let made = try kits().first(where: { $0.device == keys.certificate.device }) else {
      throw ReplicaError.dishonest("the server does not show the recovery kit that it took")
    }
    return made
  }

  private func announce(
    _ keys: KitKeys, _ entropy: borrowing SecretBytes, _ connection: Connection,
    _ write: (borrowing NewKit) throws -> Void
  ) throws {
    let own = ChainReference.account(identity.account)
    try fetchChain(own, connection)
    try takeAccountKeys(connection)
    let chain = try ownChain()
    guard
      let accountKey = try unlockedKeys().exchange(.account(generation: Int(chain.keyGeneration)))
    else { throw ReplicaError.notReady("the account key has not arrived") }
    if let device = chain.devices[identity.device], chain.isOutranked(device) {
      throw ReplicaError.badInput(
        "the account was restored with a kit: a device that came with it makes the next one")
    }
    let wrap = try wrap(accountKey, for: keys.exchange.publicKey)
    let certificate = keys.certificate
    let kit = DeviceAddition(
      device: certificate,
      proof: keys.identity.sign(certificate.proofMessage(for: identity.account), .kitProof),
      accountKeyWrap: Hasher256.content(wrap))
    let signed = try sign(.kit(kit), next: own)
    try write(
      NewKit(
        entropy: entropy.copy(), code: try kitCode(announced: signed.point),
        device: certificate.device, madeMilliseconds: try nowMilliseconds,
        waits: chain.countingKit != nil))
    try send(signed, to: own, wraps: [wrap], connection)
  }

  private func kitCode(announced: ChainPoint) throws -> KitCode {
    KitCode(
      server: identity.server, url: try settings.text(.serverURL) ?? "",
      account: identity.account, announced: announced, role: identity.role,
      organisation: try ownOrganisation(), name: try ownName())
  }

  /// Takes out the kits that this device may take out at once: one that waits, and those of a lower
  /// rank.
  func withdrawKits(_ connection: Connection) throws {
    try fetchChain(.account(identity.account), connection)
    let chain = try ownChain()
    guard let own = chain.devices[identity.device] else { return }
    for kit in [chain.awaitedKit, chain.countingKit] {
      guard let kit, !kit.counts || kit.rank < own.rank else { continue }
      try takeOut(kit.certificate.device, connection)
    }
  }

  // MARK: What a sync does

  /// Fetches the own chain, and puts a kit into its place that was announced long enough ago. Each
  /// device of the account does so; the first one is enough.
  ///
  /// - Returns: whether anything was appended.
  func settleKits(_ connection: Connection, _ report: inout SyncReport) throws -> Bool {
    do {
      let hasSettled = try settleKits(connection)
      if hasSettled {
        report.news.append(
          "the newer recovery kit counts from now on; the one before it is of no use any more")
      }
      return hasSettled
    } catch let error as ReplicaError {
      // What a sync owes beside it does not wait for that.
      try report.keep(error, while: "the own account")
      return false
    }
  }

  private func settleKits(_ connection: Connection) throws -> Bool {
    try followOwnChain(connection)
    let chain = try ownChain()
    guard let next = chain.awaitedKit, let kit = chain.countingKit,
      let own = chain.devices[identity.device], own.rank >= kit.rank,
      let announced = try announcement(of: next),
      let present = try chains.signedHead(.account(identity.account))
    else { return false }
    let waiting = KitWaiting(announced: announced, present: present)
    guard waiting.isOver else { return false }
    do {
      try appendRevocation(of: kit.certificate.device, chain, waiting: waiting, connection)
    } catch ReplicaError.server(.chainSuperseded) {
      // Another device was faster, or something else has changed: seen at the next sync.
      return false
    }
    return true
  }

  /// Takes in what is new of the own chain, and keeps the server's first signature over a kit that has
  /// been announced: the days count from there.
  func followOwnChain(_ connection: Connection) throws {
    let own = ChainReference.account(identity.account)
    try fetchChain(own, connection)
    guard let kit = try ownChain().awaitedKit, try announcement(of: kit) == nil,
      let head = try chains.signedHead(own)
    else { return }
    try settings.set(.kitAnnounced, head.encoded)
  }

  /// The server's first signature that this device has over the announcement of a kit.
  private func announcement(of kit: AccountChain.Device) throws -> SignedChainHead? {
    guard let head = try settings.object(.kitAnnounced, SignedChainHead.self),
      head.point.index >= kit.addedAt, try ownChain().contains(head.point)
    else { return nil }
    return head
  }
}

extension KitKeys {
  var certificate: DeviceCertificate {
    DeviceCertificate(
      identity: identity.publicKey, exchange: exchange.publicKey, transport: transport.publicKey)
  }
}

import Merge
import Signing

/// An account's signed history, reduced to what follows from it: its devices, its recovery kit and its
/// present key.
///
/// Linear: each statement names the one before it. Verified from the first statement by everyone
/// who meets the account; the account's id is that statement's hash.
public struct AccountChain: Hashable, Sendable {
  /// A device of the account, or a recovery kit: a device on paper.
  public struct Device: Hashable, Sendable {
    public let certificate: DeviceCertificate
    public let isKit: Bool
    /// How many kits had to be used to get to it. Who has a higher rank is not taken out by a lower one:
    /// what a kit lets in outranks the devices that were there (design §7).
    public let rank: UInt64
    /// The device or kit that certified it; `nil` for the first one.
    public let certifiedBy: DeviceID?
    /// Whether it may let a device in: every device, and the one kit that counts.
    public internal(set) var counts: Bool
    /// The statement that certified it.
    public let addedAt: UInt64
    /// The wrap for the device of the newest account key that it was given.
    public internal(set) var accountKeyWrap: Digest
    /// The statement that took it out; `nil` for a device of the account.
    public internal(set) var revokedAt: UInt64?
  }

  /// Devices of one account, recovery kits included. Every space of the account holds each of them,
  /// for all its members.
  public static let deviceCountMax = 256

  /// As many of them can only be certified by a kit, or by what a kit let in: nobody with a stolen
  /// device can use up the account's room so that its kit is of no use.
  public static let keptForKitsCount = 8

  /// Another history that was given up for this one, and the device that says so.
  public struct Merging: Hashable, Sendable {
    public let abandoned: ChainPoint
    public let device: DeviceID
  }

  /// Two histories are an accident.
  public static let mergeCountMax = 256

  public let id: AccountID
  public private(set) var head: ChainPoint
  /// The hash of each statement, by index.
  public private(set) var hashes: [Digest]
  /// Also those that were taken out: what they signed before stays theirs.
  public private(set) var devices: [DeviceID: Device]
  /// Generations of the account key, oldest first.
  public private(set) var accountKeys: [ExchangePublicKey]
  /// Wraps of each generation but the newest, sealed to the one after it.
  public private(set) var predecessors: [Digest]
  /// In the order in which they were made.
  public private(set) var merges: [Merging]

  /// Whether a device of the account has ended it for good.
  public private(set) var isDeleted = false

  /// Starts from the first statement.
  public init(first signed: SignedStatement) throws(ChainError) {
    let statement = signed.statement
    guard case .accountCreation(let creation) = statement.body, statement.subject == .newChain,
      statement.index == 0, statement.previous == nil, statement.account == nil,
      statement.device == creation.device.device
    else { throw .unexpected }
    guard signed.isSigned(by: creation.device.identity) else { throw .badSignature }
    id = AccountID(signed.hash)
    head = signed.point
    hashes = [signed.hash]
    accountKeys = [creation.accountKey]
    predecessors = []
    merges = []
    devices = [
      creation.device.device: Device(
        certificate: creation.device, isKit: false, rank: 0, certifiedBy: nil, counts: true,
        addedAt: 0, accountKeyWrap: creation.accountKeyWrap,
        revokedAt: nil)
    ]
  }

  /// Takes the next statement in.
  ///
  /// - Parameter areHeadsSigned: whether the server has signed all heads in it: of a ``KitWaiting``, of a
  ///   ``ChainMerge``.
  public mutating func append(
    _ signed: SignedStatement, areHeadsSigned: Bool = false
  ) throws(ChainError) {
    let statement = signed.statement
    guard statement.subject == .chain(.account(id)), statement.account == id else {
      throw .unexpected
    }
    guard statement.index == head.index + 1, statement.previous == head.hash else {
      throw .superseded
    }
    guard let author = devices[statement.device], author.revokedAt == nil, author.counts else {
      throw .notAllowed
    }
    guard signed.isSigned(by: author.certificate.identity) else { throw .badSignature }
    switch statement.body {
    case .deviceAddition(let addition): try add(addition, by: author, at: statement.index)
    case .kit(let kit): try announce(kit, by: author, at: statement.index)
    case .deviceRevocation(let revocation):
      try revoke(revocation, by: author, areHeadsSigned: areHeadsSigned, at: statement.index)
    case .chainMerge(let merge):
      try take(merge, by: author, areHeadsSigned: areHeadsSigned)
    case .accountDeletion: try delete(by: author, at: statement.index)
    default: throw .unexpected
    }
    head = signed.point
    hashes.append(signed.hash)
  }

  private mutating func take(
    _ merge: ChainMerge, by author: Device, areHeadsSigned: Bool
  ) throws(ChainError) {
    guard !author.isKit, areHeadsSigned, merge.abandoned.chain == .account(id),
      !contains(merge.abandoned.point), merges.count < Self.mergeCountMax
    else { throw .notAllowed }
    merges.append(
      Merging(abandoned: merge.abandoned.point, device: author.certificate.device))
  }

  private mutating func add(
    _ addition: DeviceAddition, by author: Device, at index: UInt64
  ) throws(ChainError) {
    let certificate = addition.device
    try check(addition, by: author, certificate.proofMessage(for: id), .deviceProof)
    devices[certificate.device] = Device(
      certificate: certificate, isKit: false, rank: author.isKit ? author.rank + 1 : author.rank,
      certifiedBy: author.certificate.device, counts: true, addedAt: index,
      accountKeyWrap: addition.accountKeyWrap, revokedAt: nil)
  }

  /// The first kit counts at once. Another one waits until the one that counts is taken out.
  private mutating func announce(
    _ kit: DeviceAddition, by author: Device, at index: UInt64
  ) throws(ChainError) {
    // A kit lets one device in, and that makes the next kit. What it has outranked may not climb after
    // it with a kit of its own.
    guard !author.isKit, !isOutranked(author) else { throw .notAllowed }
    guard awaitedKit == nil else { throw .exists }
    try check(kit, by: author, kit.device.proofMessage(for: id), .kitProof)
    devices[kit.device.device] = Device(
      certificate: kit.device, isKit: true, rank: author.rank,
      certifiedBy: author.certificate.device, counts: countingKit == nil, addedAt: index,
      accountKeyWrap: kit.accountKeyWrap, revokedAt: nil)
  }

  private func check(
    _ addition: DeviceAddition, by author: Device, _ message: [UInt8], _ domain: Domain
  ) throws(ChainError) {
    guard devices[addition.device.device] == nil else { throw .exists }
    let kept = author.isKit || author.rank > 0 ? 0 : Self.keptForKitsCount
    guard devices.count < Self.deviceCountMax - kept else { throw .notAllowed }
    guard addition.device.identity.verify(addition.proof, of: message, domain) else {
      throw .badSignature
    }
  }

  /// No device takes itself out: it would make the key that has to be kept from it.
  private mutating func revoke(
    _ revocation: DeviceRevocation, by author: Device, areHeadsSigned: Bool, at index: UInt64
  ) throws(ChainError) {
    let device = author.certificate.device
    guard let revoked = devices[revocation.device], revoked.revokedAt == nil, !author.isKit,
      revocation.device != device, author.rank >= revoked.rank,
      !accountKeys.contains(revocation.accountKey)
    else { throw .notAllowed }
    let next = try successor(of: revoked, revocation.waiting, author, areHeadsSigned)
    let staying = keyHolders.map(\.certificate.device).filter { $0 != revocation.device }
    guard revocation.wraps.map(\.device) == staying.sorted() else { throw .recipientsWrong }
    devices[revocation.device]?.revokedAt = index
    if let next { devices[next]?.counts = true }
    for wrap in revocation.wraps { devices[wrap.device]?.accountKeyWrap = wrap.hash }
    accountKeys.append(revocation.accountKey)
    predecessors.append(revocation.predecessor)
  }

  /// The kit that counts from now on, where one goes that did.
  ///
  /// A device that no kit has let in since may replace it only with one that was announced seven days
  /// before: until then the one on paper can still be used against whoever did it.
  private func successor(
    of revoked: Device, _ waiting: KitWaiting?, _ author: Device, _ areHeadsSigned: Bool
  ) throws(ChainError) -> DeviceID? {
    guard revoked.isKit, revoked.counts, author.rank == revoked.rank else {
      guard waiting == nil else { throw .unexpected }
      return nil
    }
    guard let waiting, areHeadsSigned, waiting.isOver, let next = awaitedKit,
      [waiting.announced, waiting.present].allSatisfy({
        $0.chain == .account(id) && contains($0.point) && $0.point.index >= next.addedAt
      })
    else { throw .notAllowed }
    return next.certificate.device
  }

  /// Nothing follows: no device is left to sign it. A device that a kit has outranked may not do it.
  private mutating func delete(by author: Device, at index: UInt64) throws(ChainError) {
    guard !isOutranked(author) else { throw .notAllowed }
    for device in devices.values where device.revokedAt == nil {
      devices[device.certificate.device]?.revokedAt = index
    }
    isDeleted = true
  }

  /// Whether a kit has let in, or would let in, who is stronger: they alone decide about the next kit and
  /// about the account's end.
  public func isOutranked(_ device: Device) -> Bool {
    devices.values.contains { $0.revokedAt == nil && $0.rank > device.rank }
  }

  /// What others seal to.
  public var accountKey: ExchangePublicKey {
    guard let key = accountKeys.last else { preconditionFailure("a chain starts with a key") }
    return key
  }

  /// The generation of ``accountKey``, from 0.
  public var keyGeneration: UInt64 { UInt64(accountKeys.count - 1) }

  /// Whether the device was taken out of the account.
  public func isRevoked(_ device: DeviceID) -> Bool { devices[device]?.revokedAt != nil }

  /// Whether the point lies on this chain.
  public func contains(_ point: ChainPoint) -> Bool {
    point.index < UInt64(hashes.count) && hashes[Int(point.index)] == point.hash
  }

  /// Devices that were not taken out, without kits, sorted by the statement that certified them.
  public var presentDevices: [Device] { keyHolders.filter { !$0.isKit } }

  /// For whom the account key is wrapped: devices and kits that were not taken out, in the same order.
  public var keyHolders: [Device] { devicesInOrder.filter { $0.revokedAt == nil } }

  /// The recovery kit that lets a device in; `nil` where the account has none.
  public var countingKit: Device? { keyHolders.first { $0.isKit && $0.counts } }

  /// The recovery kit that waits to take its place.
  public var awaitedKit: Device? { keyHolders.first { $0.isKit && !$0.counts } }

  /// All of them, kits included, sorted by the statement that certified them.
  public var devicesInOrder: [Device] {
    devices.values.sorted {
      ($0.addedAt, $0.certificate.device) < ($1.addedAt, $1.certificate.device)
    }
  }
}

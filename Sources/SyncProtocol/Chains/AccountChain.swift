import Merge
import Signing

/// An account's signed history, reduced to what follows from it: its devices and its present key.
///
/// Linear: each statement names the one before it. Verified from the first statement by everyone
/// who meets the account; the account's id is that statement's hash.
public struct AccountChain: Hashable, Sendable {
  /// A device of the account.
  public struct Device: Hashable, Sendable {
    public let certificate: DeviceCertificate
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
    devices = [
      creation.device.device: Device(
        certificate: creation.device, addedAt: 0, accountKeyWrap: creation.accountKeyWrap,
        revokedAt: nil)
    ]
  }

  /// Takes the next statement in.
  public mutating func append(_ signed: SignedStatement) throws(ChainError) {
    let statement = signed.statement
    guard statement.subject == .chain(.account(id)), statement.account == id else {
      throw .unexpected
    }
    guard statement.index == head.index + 1, statement.previous == head.hash else {
      throw .superseded
    }
    guard let author = devices[statement.device], author.revokedAt == nil else {
      throw .notAllowed
    }
    guard signed.isSigned(by: author.certificate.identity) else { throw .badSignature }
    switch statement.body {
    case .deviceAddition(let addition): try add(addition, at: statement.index)
    case .deviceRevocation(let revocation):
      try revoke(revocation, by: statement.device, at: statement.index)
    case .accountDeletion: delete(at: statement.index)
    default: throw .unexpected
    }
    head = signed.point
    hashes.append(signed.hash)
  }

  private mutating func add(_ addition: DeviceAddition, at index: UInt64) throws(ChainError) {
    let certificate = addition.device
    guard devices[certificate.device] == nil else { throw .exists }
    guard devices.count < Self.deviceCountMax else { throw .notAllowed }
    let proven = certificate.identity.verify(
      addition.proof, of: certificate.proofMessage(for: id), .deviceProof)
    guard proven else { throw .badSignature }
    devices[certificate.device] = Device(
      certificate: certificate, addedAt: index, accountKeyWrap: addition.accountKeyWrap,
      revokedAt: nil)
  }

  /// No device takes itself out: it would make the key that has to be kept from it.
  private mutating func revoke(
    _ revocation: DeviceRevocation, by author: DeviceID, at index: UInt64
  ) throws(ChainError) {
    guard let revoked = devices[revocation.device], revoked.revokedAt == nil,
      revocation.device != author, !accountKeys.contains(revocation.accountKey)
    else { throw .notAllowed }
    let staying = presentDevices.map(\.certificate.device).filter { $0 != revocation.device }
    guard revocation.wraps.map(\.device) == staying.sorted() else { throw .recipientsWrong }
    devices[revocation.device]?.revokedAt = index
    for wrap in revocation.wraps { devices[wrap.device]?.accountKeyWrap = wrap.hash }
    accountKeys.append(revocation.accountKey)
    predecessors.append(revocation.predecessor)
  }

  /// Nothing follows: no device is left to sign it.
  private mutating func delete(at index: UInt64) {
    for device in presentDevices { devices[device.certificate.device]?.revokedAt = index }
    isDeleted = true
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

  /// Those that were not taken out, sorted by the statement that certified them.
  public var presentDevices: [Device] { devicesInOrder.filter { $0.revokedAt == nil } }

  /// Sorted by the statement that certified them.
  public var devicesInOrder: [Device] {
    devices.values.sorted {
      ($0.addedAt, $0.certificate.device) < ($1.addedAt, $1.certificate.device)
    }
  }
}

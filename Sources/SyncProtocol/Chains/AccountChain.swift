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
    /// The present account key's wrap for the device.
    public let accountKeyWrap: Digest
  }

  /// Devices of one account, recovery kits included. Every space of the account holds each of them,
  /// for all its members.
  public static let deviceCountMax = 256

  public let id: AccountID
  public private(set) var head: ChainPoint
  /// The hash of each statement, by index.
  public private(set) var hashes: [Digest]
  public private(set) var devices: [DeviceID: Device]
  /// Generations of the account key, oldest first.
  public private(set) var accountKeys: [ExchangePublicKey]

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
    devices = [
      creation.device.device: Device(
        certificate: creation.device, addedAt: 0, accountKeyWrap: creation.accountKeyWrap)
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
    guard let author = devices[statement.device] else { throw .notAllowed }
    guard signed.isSigned(by: author.certificate.identity) else { throw .badSignature }
    guard case .deviceAddition(let addition) = statement.body else { throw .unexpected }
    try add(addition, at: statement.index)
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
      certificate: certificate, addedAt: index, accountKeyWrap: addition.accountKeyWrap)
  }

  /// What others seal to.
  public var accountKey: ExchangePublicKey {
    guard let key = accountKeys.last else { preconditionFailure("a chain starts with a key") }
    return key
  }

  /// Whether the point lies on this chain.
  public func contains(_ point: ChainPoint) -> Bool {
    point.index < UInt64(hashes.count) && hashes[Int(point.index)] == point.hash
  }

  /// Sorted by the statement that certified them.
  public var devicesInOrder: [Device] {
    devices.values.sorted {
      ($0.addedAt, $0.certificate.device) < ($1.addedAt, $1.certificate.device)
    }
  }
}

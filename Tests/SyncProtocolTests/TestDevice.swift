import Merge
import Signing
import SyncProtocol
import TestSupport

/// A device with its private keys.
struct TestDevice: Sendable {
  let identity: SigningKey
  let certificate: DeviceCertificate

  init(_ seed: UInt64) {
    let random = SeededRandom(seed: seed)
    identity = SigningKey(random: random)
    guard let exchange = ExchangePublicKey(random.bytes(ExchangePublicKey.byteCount)) else {
      preconditionFailure("as many bytes as the type has")
    }
    certificate = DeviceCertificate(
      identity: identity.publicKey, exchange: exchange,
      transport: SigningKey(random: random).publicKey)
  }

  var id: DeviceID { certificate.device }
  var replica: ReplicaID { ReplicaID(device: id, home: 1) }

  func proof(for account: AccountID) -> Signature {
    identity.sign(certificate.proofMessage(for: account), .deviceProof)
  }
}

/// An account with its chain, and what signs for it.
struct TestAccount: Sendable {
  let device: TestDevice
  private(set) var chain: AccountChain
  private(set) var statements: [SignedStatement]

  init(_ seed: UInt64) throws {
    device = TestDevice(seed)
    let first = SignedStatement(Self.creation(device), key: device.identity)
    chain = try AccountChain(first: first)
    statements = [first]
  }

  var id: AccountID { chain.id }

  static func creation(_ device: TestDevice) -> Statement {
    var generator = Generator(seed: 1)
    return Statement(
      subject: .newChain, index: 0, previous: nil, account: nil, device: device.id,
      timeMilliseconds: 1,
      body: .accountCreation(
        AccountCreation(
          accountKey: generator.octets(), device: device.certificate, accountKeyWrap: .zero)))
  }

  /// The statement that would add the device next, before it is signed.
  func addition(
    of other: TestDevice, proof: Signature? = nil, index: UInt64? = nil, previous: Digest? = nil
  ) -> Statement {
    Statement(
      subject: .chain(.account(id)), index: index ?? chain.head.index + 1,
      previous: previous ?? chain.head.hash, account: id, device: device.id, timeMilliseconds: 2,
      body: .deviceAddition(
        DeviceAddition(
          device: other.certificate, proof: proof ?? other.proof(for: id), accountKeyWrap: .zero)))
  }

  mutating func add(_ other: TestDevice) throws {
    let signed = sign(addition(of: other))
    try chain.append(signed)
    statements.append(signed)
  }

  /// The statement that takes a device out next.
  ///
  /// - Parameter staying: for whom the next key is wrapped; those who stay where `nil`.
  func revocation(
    of other: TestDevice, by author: TestDevice? = nil, for staying: [DeviceID]? = nil,
    waiting: KitWaiting? = nil, seed: UInt64 = 3
  ) -> SignedStatement {
    let author = author ?? device
    var generator = Generator(seed: seed)
    let staying =
      staying ?? chain.keyHolders.map(\.certificate.device).filter { $0 != other.id }
    let body = DeviceRevocation(
      device: other.id, accountKey: generator.octets(), predecessor: generator.octets(),
      wraps: staying.map { DeviceRevocation.Wrap(device: $0, hash: generator.octets()) },
      waiting: waiting)
    return SignedStatement(
      Statement(
        subject: .chain(.account(id)), index: chain.head.index + 1, previous: chain.head.hash,
        account: id, device: author.id, timeMilliseconds: 5, body: .deviceRevocation(body)),
      key: author.identity)
  }

  mutating func append(_ signed: SignedStatement, areHeadsSigned: Bool = false) throws {
    try chain.append(signed, areHeadsSigned: areHeadsSigned)
    statements.append(signed)
  }

  func sign(_ statement: Statement) -> SignedStatement {
    SignedStatement(statement, key: device.identity)
  }

  /// A statement of a chain or space by this account's first device.
  func sign(
    _ subject: StatementSubject, index: UInt64 = 0, previous: Digest? = nil,
    _ body: StatementBody
  ) -> SignedStatement {
    sign(
      Statement(
        subject: subject, index: index, previous: previous, account: id, device: device.id,
        timeMilliseconds: 3, body: body))
  }
}

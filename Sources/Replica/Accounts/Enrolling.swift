import CBOR
import Merge
import Sealing
import Signing
import SyncProtocol

/// A further device of an account: asked for on the new device, approved on one that is there.
extension Replica {
  /// What the new device shows, for the person to compare with the approving one.
  public struct EnrolmentRequested: Sendable {
    public let shortCode: String
    public let device: DeviceID
  }

  /// Makes a home for a new device and asks the account's other devices to let it in.
  public static func enrol(
    home: Home, password: borrowing SecretBytes, enrolment: Enrolment, url: String,
    transport: any Transport, environment: Environment
  ) throws -> EnrolmentRequested {
    let connection = Connection(transport)
    let info = try connection.info(expecting: enrolment.server)
    let device = NewDevice(environment)
    let certificate = device.certificate
    let request = request(enrolment, certificate, key: device.identity)
    let (settings, keys) = try home.prepare(device, password: password, environment: environment)
    try settings.database.transaction {
      try settings.set(.certificate, info.certificate.encoded)
      try settings.set(.serverURL, text: url)
      try settings.set(.role, text: enrolment.role.rawValue)
      if let organisation = enrolment.organisation {
        try settings.set(.organisation, organisation.bytes)
      }
      let local = try keys.local()
      try settings.set(
        .enrolment,
        try SealedField.seal(
          enrolment.encoded, key: local, epochHint: [UInt8](repeating: 0, count: 8),
          associatedData: enrolmentContext, random: environment.random))
    }
    _ = try connection.send(.post, Path.enrolments, request.encoded)
    return EnrolmentRequested(
      shortCode: enrolment.shortCode(certificate), device: certificate.device)
  }

  private static func request(
    _ enrolment: Enrolment, _ certificate: DeviceCertificate, key: SigningKey
  ) -> EnrolmentRequest {
    EnrolmentRequest(
      account: enrolment.account, lookup: enrolment.lookup, certificate: certificate,
      proof: key.sign(certificate.proofMessage(for: enrolment.account), .deviceProof),
      mac: enrolment.requestMAC(certificate))
  }

  private static var enrolmentContext: [UInt8] { Array("satchel/1/enrolment".utf8) }

  /// Whether the home waits for its enrolment to be approved.
  public static func awaitsApproval(_ home: Home) throws -> Bool {
    try Settings(database: openDatabase(home)).bytes(.enrolment) != nil
  }

  /// Looks whether another device has approved, and becomes part of the account if so.
  ///
  /// - Returns: `nil` while nobody has.
  public static func finishEnrolment(
    home: Home, password: borrowing SecretBytes, transport: any Transport,
    environment: Environment
  ) throws -> Replica? {
    let database = try openDatabase(home)
    let settings = Settings(database: database)
    guard let sealed = try settings.bytes(.enrolment),
      let parameters = try settings.bytes(.passwordParameters),
      let own = try settings.id(.replica, ReplicaID.self),
      let server = try settings.object(.certificate, ServerCertificate.self)
    else { return try open(home, environment: environment) }
    let passwordKey = try PasswordKey.derive(
      password: password, parameters: PasswordKey.Parameters(encoded: parameters))
    let keys = KeyRing(database: database, passwordKey: passwordKey, random: environment.random)
    guard try keys.isOpen() else { throw ReplicaError.wrongPassword }
    let enrolment = try Enrolment(
      decoding: SealedField.open(
        sealed, key: try keys.local(), associatedData: enrolmentContext))
    let connection = Connection(transport)
    _ = try connection.info(expecting: server.identity)
    let result = try approval(of: enrolment, settings, keys, connection)
    guard let approval = result.approval, let part = result.chain else { return nil }
    try settings.set(.account, enrolment.account.bytes)
    let replica = try open(home, environment: environment)
    replica.keys = keys
    do {
      try replica.join(enrolment, approval, part, device: own.device, connection)
    } catch {
      try settings.remove(.account)
      throw error
    }
    try settings.remove(.enrolment)
    return replica
  }

  /// What the server knows of an approval. A request that never arrived, or has expired there, is sent
  /// again: repeating it is harmless.
  private static func approval(
    of enrolment: Enrolment, _ settings: Settings, _ keys: KeyRing, _ connection: Connection
  ) throws -> EnrolmentResult {
    do {
      return try connection.call(
        Path.enrolmentResult,
        EnrolmentQuery(account: enrolment.account, lookup: enrolment.lookup),
        EnrolmentResult.self)
    } catch ReplicaError.server(.enrolmentUnknown) {
      guard let exchange = try keys.exchange(.exchange) else {
        throw ReplicaError.homeDamaged("exchange key")
      }
      let identity = try keys.identity()
      let certificate = DeviceCertificate(
        identity: identity.publicKey, exchange: exchange.publicKey,
        transport: try settings.transportKey().publicKey)
      let request = request(enrolment, certificate, key: identity)
      _ = try connection.send(.post, Path.enrolments, request.encoded)
      return EnrolmentResult(approval: nil, chain: nil)
    }
  }

  /// Checks that the approving device vouches for the chain shown, and takes the account key.
  private func join(
    _ enrolment: Enrolment, _ approval: EnrolmentApproval, _ part: ChainPart, device: DeviceID,
    _ connection: Connection
  ) throws {
    try transaction { try chains.append(part, server: identity.certificate) }
    let chain = try ownChain()
    guard let own = chain.devices[device], chain.contains(approval.accountHead),
      enrolment.secret.isValid(
        approval.mac,
        for: enrolment.approvalMessage(own.certificate, head: approval.accountHead),
        .enrolmentApproval)
    else { throw ReplicaError.dishonest("the approval is not by a device that knows the secret") }
    try connection.openSession(
      identity, scope: .full, key: try unlockedKeys().identity(), onTime: { _ in })
    guard own.revokedAt == nil else { throw ReplicaError.deviceRevoked }
    try takeAccountKeys(connection)
    guard try unlockedKeys().holds(.account(generation: Int(chain.keyGeneration))) else {
      throw ReplicaError.notReady("the account key has not arrived")
    }
    if let name = enrolment.name { try setOwnName(name) }
  }

  // MARK: On the device that is there

  /// Makes the token that the new device needs. Good for one device.
  public func offerEnrolment() throws -> Enrolment {
    let enrolment = Enrolment(
      server: identity.server, account: identity.account, role: identity.role,
      organisation: try ownOrganisation(), name: try ownName(),
      secret: SharedSecret(random: environment.random))
    try handOut(enrolment.encoded, lookup: enrolment.lookup, kind: .enrolment)
    return enrolment
  }

  /// A device that asks to join, checked against the secret that was handed out.
  public struct Candidate: Sendable {
    public let shortCode: String
    public let device: DeviceID
    let request: EnrolmentRequest
    let enrolment: Enrolment
  }

  /// The devices that ask to join with a token of this device. Others are left out: whoever sent
  /// them did not have the secret.
  public func candidates(_ transport: any Transport) throws -> [Candidate] {
    var report = SyncReport()
    let connection = try connect(transport, &report)
    let list = try connection.send(.post, Path.enrolmentList)
    let requests = try EnrolmentList(decoding: list).requests
    return try requests.compactMap { request in
      guard let bytes = try handedOut(lookup: request.lookup, kind: .enrolment) else { return nil }
      let enrolment = try Enrolment(decoding: bytes)
      let certificate = request.certificate
      let isProven = certificate.identity.verify(
        request.proof, of: certificate.proofMessage(for: identity.account), .deviceProof)
      let isMeant = enrolment.secret.isValid(
        request.mac, for: enrolment.requestMessage(certificate), .enrolmentRequest)
      guard isProven, isMeant else { return nil }
      return Candidate(
        shortCode: enrolment.shortCode(certificate), device: certificate.device,
        request: request, enrolment: enrolment)
    }
  }

  /// Certifies a device in the account's chain and wraps the account key for it.
  public func approve(_ candidate: Candidate, _ transport: any Transport) throws {
    var report = SyncReport()
    let connection = try connect(transport, &report)
    try requireServerClock()
    try fetchChain(.account(identity.account), connection)
    let certificate = candidate.request.certificate
    try takeAccountKeys(connection)
    let chain = try ownChain()
    if chain.isRevoked(certificate.device) {
      throw ReplicaError.badInput("that device was taken out; make a new home on it")
    }
    guard
      let accountKey = try unlockedKeys().exchange(
        .account(generation: Int(chain.keyGeneration)))
    else { throw ReplicaError.notReady("the account key has not arrived") }
    let wrap = try accountKey.withSecret {
      try SealedBox.seal($0, to: certificate.exchange, random: environment.random)
    }
    let addition = DeviceAddition(
      device: certificate, proof: candidate.request.proof,
      accountKeyWrap: Hasher256.content(wrap))
    if chain.devices[certificate.device] == nil {
      try append(
        .deviceAddition(addition), to: .account(identity.account), wraps: [wrap], connection)
    }
    let head = try ownChain().head
    let approval = EnrolmentApproval(
      lookup: candidate.request.lookup, accountHead: head,
      mac: candidate.enrolment.approvalMAC(certificate, head: head))
    _ = try connection.send(.post, Path.enrolmentApprove, approval.encoded)
    try closeHandedOut(lookup: candidate.request.lookup, state: "used")
  }
}

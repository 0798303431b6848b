import Merge
import Sealing
import Signing
import SyncProtocol

/// A further device of an account, on the new device.
extension Replica {
  /// Makes a home for a new device and asks the account's other devices to let it in.
  ///
  /// - Throws: ``ReplicaError/enrolmentEnded(_:)`` where the token is of no use any more.
  @discardableResult
  public static func enrol(
    home: Home, password: borrowing SecretBytes, enrolment: Enrolment, url: String,
    transport: any Transport, environment: Environment
  ) throws -> PendingEnrolment {
    let connection = Connection(transport)
    let info = try connection.info(expecting: enrolment.server)
    // The server's time: a new machine's clock may be anything.
    guard info.timeMilliseconds < enrolment.expiresMilliseconds else {
      throw ReplicaError.enrolmentEnded("the token has expired")
    }
    let pending = try PendingEnrolment.start(
      home: home, password: password, enrolment: enrolment, url: url,
      certificate: info.certificate, environment: environment)
    try pending.ask(connection)
    return pending
  }

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
    guard try awaitsApproval(home) else { return try open(home, environment: environment) }
    let pending = try PendingEnrolment.open(home, password: password, environment: environment)
    guard case .joined(let replica) = try pending.proceed(transport) else { return nil }
    return replica
  }

  /// Checks that the approving device vouches for the chain shown, and takes the account key and the
  /// heads that it hands over.
  func join(
    _ enrolment: Enrolment, _ approval: EnrolmentApproval, _ part: ChainPart, device: DeviceID,
    _ connection: Connection
  ) throws {
    try transaction { try chains.append(part, server: identity.certificate) }
    let chain = try ownChain()
    // All that came after the head in the token is signed by devices that it knows.
    guard let own = chain.devices[device], chain.contains(enrolment.accountHead),
      chain.contains(approval.accountHead),
      enrolment.secret.isValid(
        approval.mac,
        for: enrolment.approvalMessage(
          own.certificate, head: approval.accountHead, handedHeads: approval.handedHeads),
        .enrolmentApproval)
    else { throw ReplicaError.dishonest("the approval is not by a device that knows the secret") }
    try connection.openSession(
      identity, scope: .full, key: try unlockedKeys().identity(), onTime: { _ in })
    guard own.revokedAt == nil else { throw ReplicaError.deviceRevoked }
    try takeAccountKeys(connection)
    guard try unlockedKeys().holds(.account(generation: Int(chain.keyGeneration))) else {
      throw ReplicaError.notReady("the account key has not arrived")
    }
    try takeHandedHeads(approval.handedHeads)
    if let name = enrolment.name { try setOwnName(name) }
  }
}

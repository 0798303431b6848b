import Database
import Merge
import Sealing
import Signing
import SyncProtocol

/// A new device that asks an account's other devices to let it in.
///
/// All of it is on disk before anything is sent: it can be cut off anywhere, and gone on with.
public final class PendingEnrolment {
  public enum Progress {
    /// No other device has looked yet.
    case waiting
    /// Both devices show this code now, for the person to compare.
    case code(String)
    case joined(Replica)
  }

  private let home: Home
  private let environment: Environment
  private let settings: Settings
  private let keys: KeyRing
  private let server: ServerCertificate
  private let own: ReplicaID
  private let stored: Stored

  public var device: DeviceID { own.device }

  /// Opens a home that waits for its approval.
  ///
  /// - Throws: ``ReplicaError/wrongPassword``; ``ReplicaError/notReady(_:)`` where it does not wait.
  public static func open(
    _ home: Home, password: borrowing SecretBytes, environment: Environment
  ) throws -> PendingEnrolment {
    let database = try Replica.openDatabase(home)
    let settings = Settings(database: database)
    guard try settings.bytes(.enrolment) != nil else {
      throw ReplicaError.notReady("no device was asked to let this one in")
    }
    let passwordKey = try PasswordKey.derive(
      password: password, parameters: settings.passwordParameters())
    let keys = KeyRing(database: database, passwordKey: passwordKey, random: environment.random)
    return try PendingEnrolment(home, database, keys, environment)
  }

  private init(
    _ home: Home, _ database: any SQLDatabase, _ keys: KeyRing, _ environment: Environment
  ) throws {
    let settings = Settings(database: database)
    guard let sealed = try settings.bytes(.enrolment),
      let own = try settings.id(.replica, ReplicaID.self),
      let server = try settings.object(.certificate, ServerCertificate.self)
    else { throw ReplicaError.notReady("no device was asked to let this one in") }
    guard try keys.isOpen() else { throw ReplicaError.wrongPassword }
    (self.home, self.environment, self.settings, self.keys) = (home, environment, settings, keys)
    (self.server, self.own) = (server, own)
    let kept = try KeptSecret(opening: sealed, as: Self.entryName, key: try keys.local())
    stored = try Stored(open: kept.open, secret: kept.secret)
  }

  /// Makes the keys of a new device and keeps them with what it was told.
  static func start(
    home: Home, password: borrowing SecretBytes, enrolment: Enrolment, url: String,
    certificate: ServerCertificate, environment: Environment
  ) throws -> PendingEnrolment {
    let device = NewDevice(environment)
    let stored = Stored(
      enrolment: enrolment,
      nonce: EnrolmentNonce(Digest(environment.random.bytes(32)) ?? .zero))
    let (settings, keys) = try home.prepare(device, password: password, environment: environment)
    try settings.database.transaction {
      try settings.set(.certificate, certificate.encoded)
      try settings.set(.serverURL, text: url)
      try settings.set(.role, text: enrolment.role.rawValue)
      if let organisation = enrolment.organisation {
        try settings.set(.organisation, organisation.bytes)
      }
      try settings.set(
        .enrolment,
        KeptSecret(open: stored.open, secret: enrolment.secret)
          .sealed(as: entryName, key: try keys.local(), random: environment.random))
    }
    return try PendingEnrolment(home, settings.database, keys, environment)
  }

  private static let entryName = "enrolment"

  /// Whether it waits for this token's device: then it goes on rather than begin anew.
  public func isFor(_ enrolment: Enrolment) -> Bool { stored.enrolment == enrolment }

  // MARK: Asking

  func request() throws -> EnrolmentRequest {
    guard let exchange = try keys.exchange(.exchange) else {
      throw ReplicaError.homeDamaged("exchange key")
    }
    let identity = try keys.identity()
    let enrolment = stored.enrolment
    let certificate = DeviceCertificate(
      identity: identity.publicKey, exchange: exchange.publicKey,
      transport: try settings.transportKey().publicKey)
    return EnrolmentRequest(
      account: enrolment.account, lookup: enrolment.lookup, certificate: certificate,
      proof: identity.sign(certificate.proofMessage(for: enrolment.account), .deviceProof),
      nonce: stored.nonce, mac: enrolment.requestMAC(certificate, stored.nonce))
  }

  /// Sends the request; repeating it is harmless.
  func ask(_ connection: Connection) throws {
    do {
      _ = try connection.send(.post, Path.enrolments, try request().encoded)
    } catch ReplicaError.server(.notAllowed) {
      throw ReplicaError.enrolmentEnded("another device has used this token")
    }
  }

  /// Looks how far the other device is, and becomes part of the account once it has said yes.
  ///
  /// - Parameter confirm: asked for with the code before this device joins: whether the other one shows
  ///   the same. A no is for good.
  /// - Throws: ``ReplicaError/enrolmentEnded(_:)`` where nobody will let it in any more.
  public func proceed(
    _ transport: any Transport, confirm: (String) throws -> Bool = { _ in true }
  ) throws -> Progress {
    if try settings.bytes(.enrolmentRefused) != nil {
      throw ReplicaError.enrolmentEnded(Self.differs)
    }
    let connection = Connection(transport)
    let info = try connection.info(expecting: server.identity)
    guard let result = try result(connection, info) else { return .waiting }
    guard let answer = result.answer else { return .waiting }
    guard let nonce = answer.nonce else {
      throw ReplicaError.enrolmentEnded("the other device let nobody in")
    }
    guard stored.enrolment.isOpened(by: nonce) else {
      throw ReplicaError.dishonest("the answer is not by the device that made the token")
    }
    let certificate = try request().certificate
    let code = stored.enrolment.shortCode(certificate, joining: stored.nonce, nonce: nonce)
    guard let approval = result.approval, let part = result.chain else { return .code(code) }
    guard try confirm(code) else { throw try refuse() }
    return .joined(try join(approval, part, connection))
  }

  private static let differs = "the other device shows another code"

  /// The person says that the codes differ: this device joins with no answer to this token any more.
  ///
  /// - Returns: what to tell them.
  public func refuse() throws -> ReplicaError {
    try settings.set(.enrolmentRefused, [1])
    return ReplicaError.enrolmentEnded(Self.differs)
  }

  /// `nil` where the request was sent anew: it never arrived, or has expired there.
  private func result(_ connection: Connection, _ info: ServerInfo) throws -> EnrolmentResult? {
    do {
      return try connection.call(
        Path.enrolmentResult,
        EnrolmentQuery(account: stored.enrolment.account, lookup: stored.enrolment.lookup),
        EnrolmentResult.self)
    } catch ReplicaError.server(.enrolmentUnknown) {
      guard info.timeMilliseconds < stored.enrolment.expiresMilliseconds else {
        throw ReplicaError.enrolmentEnded("the token has expired")
      }
      try ask(connection)
      return nil
    }
  }

  private func join(
    _ approval: EnrolmentApproval, _ part: ChainPart, _ connection: Connection
  ) throws -> Replica {
    try settings.set(.account, stored.enrolment.account.bytes)
    let replica = try Replica.open(home, environment: environment)
    replica.keys = keys
    do {
      try replica.join(stored.enrolment, approval, part, device: own.device, connection)
    } catch {
      try settings.remove(.account)
      throw error
    }
    try settings.remove(.enrolment)
    return replica
  }
}

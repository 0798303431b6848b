import CBOR
import Database
import Merge
import Schemas
import Sealing
import Signing
import SpaceStore
import SyncProtocol

/// One home of one device: its spaces, its keys while it is unlocked, and all that a person does.
///
/// Everything but ``sync(_:onBytes:)`` and what founds or joins works without a network. Not thread-safe; one
/// owner at a time, and one process at a time (``Home``).
public final class Replica {
  /// Who this replica is; fixed once the account is created or joined.
  public struct Identity: Hashable, Sendable {
    public let account: AccountID
    public let replica: ReplicaID
    /// The account's role in its organisation, as the invitation said.
    public let role: Role
    /// The server's identity key, pinned by the invitation or enrolment.
    public let server: SigningPublicKey
    public let certificate: ServerCertificate

    public var device: DeviceID { replica.device }
  }

  public let home: Home
  public let identity: Identity
  public let environment: Environment
  package let database: SQLiteDatabase
  package let store: SpaceStore
  /// Names the record types that this replica writes under.
  let schemaHash: Digest
  package let chains: ChainStore
  let settings: Settings
  var clock: HybridClock
  /// Which replica this home is in each space, by the space's number, where it was asked for.
  var journalReplicas: [Int64: ReplicaID] = [:]
  /// Names that were looked up while this replica is open.
  var nameCache: [AccountID: String] = [:]
  /// Whose keys were compared; `nil` until it was asked for, and after it changed.
  var verifiedKeyCache: [AccountID: VerifiedKey]?
  /// What a re-issue says that its author had seen: what the commit said at first. A seam, so that the
  /// simulator can prove that it would notice anything else.
  package var contextOfReissue: (_ first: Context, _ now: SpaceState) -> Context = { first, _ in
    first
  }
  /// Whether a whole sync may have more to do than to send and to take in; see ``Watch``.
  var roundIsOwed = true
  /// Changes of the database that ask for no whole sync.
  var plainChangeCount: Int64 = 0
  /// `nil` while the home is locked.
  public internal(set) var keys: KeyRing?

  init(
    home: Home, database: SQLiteDatabase, identity: Identity, environment: Environment,
    schema: SchemaFiles = BuiltInSchema.loaded
  ) throws {
    self.home = home
    self.database = database
    self.identity = identity
    self.environment = environment
    settings = Settings(database: database)
    schemaHash = SchemaHash.of(schema.files)
    store = try SpaceStore(
      database: database, schema: schema.schema, server: identity.certificate.device,
      keepsHeads: true)
    chains = ChainStore(
      database: database, store: store, log: identity.certificate.log)
    clock = HybridClock(last: HybridTime(rawValue: try settings.number(.clock) ?? 0))
    store.log.pendingAuthorship = { [unowned self] space, sequence in
      try pendingAuthorship(space: space, sequence: sequence)
    }
  }

  /// Opens a home, locked. What came before `schema` knew of it is applied now.
  ///
  /// - Parameter tidies: lets go of what may no longer lie here. Only a check leaves that out: it opens
  ///   homes whose rows cannot be read.
  public static func open(
    _ home: Home, environment: Environment, schema: SchemaFiles = BuiltInSchema.loaded,
    tidies: Bool = true
  ) throws -> Replica {
    let database = try openDatabase(home)
    let settings = Settings(database: database)
    guard let account = try settings.id(.account, AccountID.self),
      let replica = try settings.id(.replica, ReplicaID.self),
      let role = try settings.text(.role).flatMap(Role.init(rawValue:)),
      let certificate = try settings.object(.certificate, ServerCertificate.self)
    else { throw ReplicaError.notReady("the account has not been created or joined yet") }
    let identity = Identity(
      account: account, replica: replica, role: role, server: certificate.identity,
      certificate: certificate)
    let opened = try Replica(
      home: home, database: database, identity: identity, environment: environment,
      schema: schema)
    try opened.keepHeads()
    if tidies {
      try opened.transaction { try opened.rebuild(opened.store.applyUnapplied()) }
      try opened.tidyFiles()
    }
    return opened
  }

  /// Homes of earlier builds did not keep the rolling hash of each entry.
  private func keepHeads() throws {
    guard try settings.number(.headsKept) == nil else { return }
    try transaction {
      try store.fillHeads()
      try settings.set(.headsKept, number: 1)
    }
  }

  static func openDatabase(_ home: Home) throws -> SQLiteDatabase {
    do {
      let database = try SQLiteDatabase(path: home.databasePath)
      try database.migrate(DeviceTables.migrations)
      return database
    } catch {
      throw ReplicaError(cause: error) ?? error
    }
  }

  /// All or nothing, on disk and in memory.
  func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    let clockBefore = clock
    do {
      let result = try store.transaction(body)
      if !database.isInTransaction { chains.keepGrown() }
      return result
    } catch {
      clock = clockBefore
      journalReplicas = [:]
      settings.forget()
      chains.forgetGrown()
      if let error = error as? SQLError, error.category == .full { throw ReplicaError.diskFull }
      throw error
    }
  }

  // MARK: Time

  /// The device's clock, held back by as much as it was ahead of the server's when they last met.
  var nowMilliseconds: UInt64 {
    get throws {
      let now = environment.nowMilliseconds()
      let ahead = try settings.number(.clockAhead) ?? 0
      return now - min(ahead, now)
    }
  }

  /// A reading for a local write.
  func tick() throws -> HybridTime {
    let time = clock.tick(nowMilliseconds: try nowMilliseconds)
    try settings.set(.clock, number: clock.last.rawValue)
    return time
  }

  // MARK: Keys

  package func unlockedKeys() throws -> KeyRing {
    guard let keys else { throw ReplicaError.locked }
    return keys
  }

  /// The own account chain, verified.
  package func ownChain() throws -> AccountChain {
    guard let chain = try chains.accountChain(identity.account) else {
      throw ReplicaError.homeDamaged("own account chain")
    }
    return chain
  }

  public var vault: SpaceID { .vault(of: identity.account) }
}

import Database
import Merge
import Schemas
import Signing
import SpaceStore
import SyncProtocol

/// All that the server does behind its lock: one database connection, one request at a time.
///
/// Not thread-safe; `SyncServer` owns it behind a mutex.
final class ServerCore {
  let environment: Environment
  let options: SyncServer.Options
  let keys: ServerKeys
  let database: SQLiteDatabase
  let blobs: any BlobStorage
  let store: SpaceStore
  /// Names the record types that the server writes under.
  let schemaHash: Digest
  let chains: ChainStore
  var sessions: SessionTable
  var news = NewsBoard()
  var heldFeeds = HeldFeeds()
  /// Forgotten with every transaction, or part of one, that is rolled back.
  var brought: [SpaceID: Brought] = [:]
  /// Uploads whose bytes are on the way to the disk: not to be taken for rubbish.
  var incomingBlobs: [BlobName: Int] = [:]
  /// What each vault's blobs count for, as far as it was asked.
  var usedByteCounts: [SpaceID: UInt64] = [:]
  /// `nil` until it was asked for, and after it changed.
  var knownIncarnation: UInt64?
  private var signedHeads: [ChainReference: SignedChainHead] = [:]
  private static let signedHeadCountMax = 20_000
  /// `nil` in memory.
  private var mark: ContinuityMark?
  private var transactionCount: UInt64 = 0
  private(set) var isClosed = false
  /// The incarnation that began at the start, because the files were set back.
  private(set) var incarnationOfCopy: UInt64?

  init(
    database: SQLiteDatabase, blobs: any BlobStorage, keys: ServerKeys, environment: Environment,
    options: SyncServer.Options, schema: SchemaFiles = BuiltInSchema.loaded
  ) throws {
    self.environment = environment
    self.options = options
    self.keys = keys
    self.database = database
    self.blobs = blobs
    schemaHash = SchemaHash.of(schema.files)
    store = try Self.openStore(database, schema.schema, keys)
    chains = ChainStore(database: database, store: store, log: keys.log.publicKey)
    sessions = SessionTable(options: options)
  }

  /// Brings the tables up to date.
  ///
  /// - Throws: ``ServerError/newerDatabase``, `MigrationError`, `SQLError`.
  private static func openStore(
    _ database: SQLiteDatabase, _ schema: Schema, _ keys: ServerKeys
  ) throws -> SpaceStore {
    do {
      try database.migrate(ServerMigrations.all)
      let store = try SpaceStore(
        database: database, schema: schema, server: keys.certificate.device, keepsHeads: true,
        compacts: true)
      _ = try store.transaction { try store.applyUnapplied() }
      return store
    } catch MigrationError.newerDatabase {
      throw ServerError.newerDatabase
    } catch is SchemaTables.NewerDatabase {
      throw ServerError.newerDatabase
    }
  }

  /// Milliseconds since 1970, within what a log can hold.
  var now: UInt64 { min(environment.nowMilliseconds(), (1 << 48) - 1) }

  /// All or nothing; what is kept in memory follows what is on disk. Inside of another one it is a
  /// savepoint.
  func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    guard !database.isInTransaction else { return try nestedTransaction(body) }
    do {
      let result = try store.transaction {
        let result = try body()
        try countTransaction()
        return result
      }
      news.grew(chains.keepGrown())
      mark?.note(transactionCount)
      return result
    } catch {
      chains.forgetGrown()
      brought = [:]
      throw error
    }
  }

  /// A transaction of hints, that may be lost with the power: it does not wait for the disk. The next
  /// that does brings it along.
  func hintTransaction<Result>(_ body: () throws -> Result) throws -> Result {
    precondition(!database.isInTransaction, "a hint inside of what has to be durable")
    return try database.withoutSyncing { try store.transaction(body) }
  }

  private func nestedTransaction<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try store.transaction(body)
    } catch {
      chains.forgetGrown()
      brought = [:]
      throw error
    }
  }

  private func countTransaction() throws {
    transactionCount = try ServerSetting.transactionCount.value(in: database) + 1
    try ServerSetting.transactionCount.set(transactionCount, in: database)
  }

  /// Goes on where the server was left; in a new incarnation where its files were set back.
  func goOn(from mark: ContinuityMark) throws {
    transactionCount = try ServerSetting.transactionCount.value(in: database)
    if try !mark.isContinued(by: transactionCount) {
      // Whoever does not look for copies leaves the finding to the next who does.
      guard options.noticesCopies else { return }
      try beginIncarnation(isWithholding: true)
      incarnationOfCopy = try incarnation()
    }
    keep(mark)
  }

  /// From here on the mark follows the database.
  func keep(_ mark: ContinuityMark) {
    self.mark = mark
    mark.note(transactionCount)
  }

  /// A chain's end, signed with a time that is at most a minute ago: devices ask for the same ends at each
  /// sync, and do not check again what they have seen.
  func signedHead(_ chain: ChainReference) throws -> SignedChainHead? {
    guard let point = try chains.point(chain) else { return nil }
    let now = now
    if let known = signedHeads[chain], known.point == point, now >= known.timeMilliseconds,
      now - known.timeMilliseconds < 60_000
    {
      return known
    }
    let head = SignedChainHead(chain: chain, point: point, timeMilliseconds: now, key: keys.log)
    if signedHeads.count >= Self.signedHeadCountMax { signedHeads = [:] }
    signedHeads[chain] = head
    return head
  }

  /// The role that an account's invitation was for.
  func role(of account: AccountID) throws -> Role? {
    try database.first("SELECT role FROM account WHERE id = ?", .blob(account.bytes)) { row in
      guard let role = Role(rawValue: row.text(0)) else { throw StateError.damaged }
      return role
    }
  }

  func close() throws {
    guard !isClosed else { return }
    isClosed = true
    try database.close()
  }
}

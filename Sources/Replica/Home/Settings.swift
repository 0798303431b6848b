import Database
import Merge
import Signing
import SyncProtocol

/// One value a name, in the database. One owner at a time.
final class Settings {
  enum Name: String {
    case account
    case replica
    case server
    case serverURL = "server_url"
    case certificate
    case transportSeed = "transport_seed"
    case passwordParameters = "password_parameters"
    case clock
    /// How far the local clock was ahead of the server's, milliseconds.
    case clockAhead = "clock_ahead"
    case feed
    /// The server's incarnation that the logs were last compared with.
    case incarnation
    /// Set while wraps and files may have to be sent again.
    case resending
    /// Set while wraps of chains may have to be sent again.
    case resendingChainWraps = "resending_chain_wraps"
    case lastSync = "last_sync"
    /// When an unlocked sync last brought what others allow; leases count from here.
    case leasesRenewed = "leases_renewed"
    case role
    case organisation
    /// Somebody has logged out here.
    case loggedOut = "logged_out"
    /// This device was taken out of its account, and has purged itself.
    case revoked
    /// A registration that the server has not answered yet.
    case registration
    /// An enrolment that waits for approval, sealed under the device key.
    case enrolment
    /// Being restored with a recovery kit: 0 before anything was sent, then 1.
    case restoring
    /// Where on the own chain this device was restored; absent once somebody else has confirmed what the
    /// server shows since.
    case freshnessUnproven = "freshness_unproven"
    /// The server's first signature over a recovery kit that was announced.
    case kitAnnounced = "kit_announced"
    /// How far the person was told of the own chain.
    case accountTold = "account_told"
    /// Somebody has said no to the account that this device asked to join.
    case enrolmentRefused = "enrolment_refused"
    /// Set once every entry of every log has its rolling hash.
    case headsKept = "heads_kept"
    /// The latest log time of any space, verified.
    case latestLogTime = "latest_log_time"
    /// Both clocks when the server's was last seen to go on.
    case clockBaseOwn = "clock_base_own"
    case clockBaseServer = "clock_base_server"
    /// What is wrong with the server's clock; absent while nothing is.
    case serverClockProblem = "server_clock_problem"
    /// An emergency deposit that was asked for here and is not made yet.
    case emergencyAsked = "emergency_asked"
    /// Evidence that was not kept, because there was enough of it.
    case evidenceLeftOut = "evidence_left_out"
    /// What stood when all standing shares were last carried out.
    case standingDone = "standing_done"
    /// When they have to be looked at again, whatever happens; milliseconds since 1970.
    case standingDue = "standing_due"
    /// The latest time that this home has seen, milliseconds; a clock that is set back does not count.
    case latestTime = "latest_time"
    /// What the person wants to be called, sealed under the device key.
    case ownName = "own_name"
    /// How far the vault's log was when every blob of its files was here: looking for each of them with
    /// every sync would take longer than the sync. Gone where a blob is missed or removed.
    case filesHere = "files_here"
  }

  let database: any SQLDatabase
  /// Those that every write asks for.
  private var kept: [Name: [UInt8]?] = [:]
  private static let keptNames: Set<Name> = [.clockAhead, .revoked]

  init(database: any SQLDatabase) { self.database = database }

  /// Forgets what is kept in memory; after a rolled-back transaction.
  func forget() { kept = [:] }

  func bytes(_ name: Name) throws -> [UInt8]? {
    if let known = kept[name] { return known }
    let found = try database.first(
      "SELECT value FROM setting WHERE name = ?", .text(name.rawValue)
    ) { $0.blob(0) }
    if Self.keptNames.contains(name) { kept[name] = .some(found) }
    return found
  }

  func set(_ name: Name, _ bytes: [UInt8]) throws {
    kept[name] = nil
    try database.run(
      "INSERT OR REPLACE INTO setting VALUES (?, ?)", .text(name.rawValue), .blob(bytes))
  }

  func remove(_ name: Name) throws {
    kept[name] = nil
    try database.run("DELETE FROM setting WHERE name = ?", .text(name.rawValue))
  }

  func text(_ name: Name) throws -> String? {
    try bytes(name).map { String(decoding: $0, as: UTF8.self) }
  }

  func set(_ name: Name, text: String) throws { try set(name, Array(text.utf8)) }

  /// Eight bytes, most significant first.
  func number(_ name: Name) throws -> UInt64? {
    guard let bytes = try bytes(name) else { return nil }
    guard bytes.count == 8 else { throw ReplicaError.homeDamaged(name.rawValue) }
    return bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  func set(_ name: Name, number: UInt64) throws {
    try set(name, withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) })
  }

  func id<ID: FixedBytes>(_ name: Name, _ type: ID.Type = ID.self) throws -> ID? {
    guard let bytes = try bytes(name) else { return nil }
    guard let id = ID(bytes) else { throw ReplicaError.homeDamaged(name.rawValue) }
    return id
  }

  func object<Object: WireCodable>(
    _ name: Name, _ type: Object.Type = Object.self
  ) throws -> Object? {
    try bytes(name).map { try Object(decoding: $0) }
  }

  /// Usable while locked: it can only pull and purge.
  func transportKey() throws -> SigningKey {
    guard let seed = try bytes(.transportSeed),
      let key = SigningKey(seed: SecretBytes(copying: seed))
    else { throw ReplicaError.homeDamaged("transport key") }
    return key
  }
}

import Database
import Merge
import Sealing
import Signing

/// The secrets of an unlocked home, each sealed apart under the password key.
///
/// Exists only while the home is unlocked. Keys are opened when they are first asked for and stay in
/// locked memory (`sodium_malloc`) until the ring goes.
public final class KeyRing {
  /// What a secret is for; the raw form names the entry.
  enum Name: Hashable {
    case identity
    case exchange
    /// Seals the device's private copies; no purge touches it.
    case local
    case account(generation: Int)
    case team(TeamID, generation: Int)
    case epoch(SpaceID, EpochID)

    var text: String {
      switch self {
      case .identity: "identity"
      case .exchange: "exchange"
      case .local: "local"
      case .account(let generation): "account/\(generation)"
      case .team(let team, let generation): "\(Self.teamPrefix(team))\(generation)"
      case .epoch(let space, let epoch): "\(Self.epochPrefix(space))\(epoch.hex)"
      }
    }

    static func teamPrefix(_ team: TeamID) -> String { "team/\(team.hex)/" }

    static func epochPrefix(_ space: SpaceID) -> String { "epoch/\(space.hex)/" }
  }

  private let database: any SQLDatabase
  private let passwordKey: SymmetricKey
  private let random: any RandomSource
  private var exchangeKeys: [Name: ExchangeKey] = [:]
  private var symmetricKeys: [Name: SymmetricKey] = [:]
  private var identityKey: SigningKey?

  /// - Parameter passwordKey: from ``PasswordKey/derive(password:parameters:)``.
  init(database: any SQLDatabase, passwordKey: SymmetricKey, random: any RandomSource) {
    self.database = database
    self.passwordKey = passwordKey
    self.random = random
  }

  /// What an agent keeps for a while, so that commands need no password.
  func withPasswordKey<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
  {
    try passwordKey.withBytes(body)
  }

  // MARK: Entries

  func holds(_ name: Name) throws -> Bool {
    try database.first("SELECT 1 FROM key_ring WHERE name = ?", .text(name.text)) { _ in true }
      ?? false
  }

  func store(_ secret: borrowing SecretBytes, as name: Name) throws {
    let sealed = KeyRingEntry.seal(secret, name: name.text, key: passwordKey, random: random)
    try database.run(
      "INSERT OR REPLACE INTO key_ring VALUES (?, ?)", .text(name.text), .blob(sealed))
  }

  private func sealed(_ name: Name) throws -> [UInt8]? {
    try database.first("SELECT sealed FROM key_ring WHERE name = ?", .text(name.text)) {
      $0.blob(0)
    }
  }

  private func open(_ sealed: [UInt8], _ name: Name) throws -> SecretBytes {
    try KeyRingEntry.open(sealed, name: name.text, key: passwordKey)
  }

  /// Whether the password key opens the ring.
  func isOpen() throws -> Bool {
    guard let sealed = try sealed(.local) else { return false }
    do {
      _ = try open(sealed, .local)
      return true
    } catch SealingError.authenticationFailed {
      return false
    }
  }

  /// How many entries there are, and the names of those that do not open.
  func check() throws -> (count: Int, unreadable: [String]) {
    let entries = try database.rows("SELECT name, sealed FROM key_ring ORDER BY name") {
      (name: $0.text(0), sealed: $0.blob(1))
    }
    let unreadable = entries.filter { entry in
      do throws(SealingError) {
        _ = try KeyRingEntry.open(entry.sealed, name: entry.name, key: passwordKey)
        return false
      } catch {
        return true
      }
    }
    return (entries.count, unreadable.map(\.name))
  }

  /// Seals every entry under another key; in the caller's transaction.
  func reseal(under key: SymmetricKey) throws {
    let entries = try database.rows("SELECT name, sealed FROM key_ring ORDER BY name") {
      (name: $0.text(0), sealed: $0.blob(1))
    }
    for entry in entries {
      let secret = try KeyRingEntry.open(entry.sealed, name: entry.name, key: passwordKey)
      let sealed = KeyRingEntry.seal(secret, name: entry.name, key: key, random: random)
      try database.run(
        "UPDATE key_ring SET sealed = ? WHERE name = ?", .blob(sealed), .text(entry.name))
    }
  }

  // MARK: Keys

  package func identity() throws -> SigningKey {
    if let identityKey { return identityKey }
    guard let sealed = try sealed(.identity),
      let key = SigningKey(seed: try open(sealed, .identity))
    else { throw ReplicaError.homeDamaged("identity key") }
    identityKey = key
    return key
  }

  func exchange(_ name: Name) throws -> ExchangeKey? {
    if let key = exchangeKeys[name] { return key }
    guard let sealed = try sealed(name) else { return nil }
    guard let key = ExchangeKey(secret: try open(sealed, name)) else {
      throw ReplicaError.homeDamaged("exchange key")
    }
    exchangeKeys[name] = key
    return key
  }

  /// Every account's and team's key that is held.
  func heldExchangeKeys() throws -> [ExchangeKey] {
    let entries = try database.rows(
      "SELECT name, sealed FROM key_ring WHERE substr(name, 1, 8) = 'account/' "
        + "OR substr(name, 1, 5) = 'team/' ORDER BY name"
    ) { ($0.text(0), $0.blob(1)) }
    return try entries.compactMap { name, sealed in
      ExchangeKey(secret: try KeyRingEntry.open(sealed, name: name, key: passwordKey))
    }
  }

  /// Drops a space's epoch keys but these.
  func keepEpochs(_ epochs: [EpochID], of space: SpaceID) throws {
    let known = Set(epochs.map { Name.epoch(space, $0).text })
    let prefix = Name.epochPrefix(space)
    let held = try database.rows(
      "SELECT name FROM key_ring WHERE substr(name, 1, ?) = ?",
      .integer(Int64(prefix.utf8.count)), .text(prefix)
    ) { $0.text(0) }
    for name in held where !known.contains(name) {
      try database.run("DELETE FROM key_ring WHERE name = ?", .text(name))
      symmetricKeys = symmetricKeys.filter { $0.key.text != name }
    }
  }

  func symmetric(_ name: Name) throws -> SymmetricKey? {
    if let key = symmetricKeys[name] { return key }
    guard let sealed = try sealed(name) else { return nil }
    guard let key = SymmetricKey(copying: try open(sealed, name)) else {
      throw ReplicaError.homeDamaged("symmetric key")
    }
    symmetricKeys[name] = key
    return key
  }

  func store(_ key: ExchangeKey, as name: Name) throws {
    try key.withSecret { try store($0, as: name) }
    exchangeKeys[name] = key
  }

  func store(_ key: SymmetricKey, as name: Name) throws {
    try key.withBytes { try store(SecretBytes(copying: $0), as: name) }
    symmetricKeys[name] = key
  }

  func store(_ key: SigningKey, as name: Name) throws {
    try key.withSeed { try store(SecretBytes(copying: $0), as: name) }
  }

  func local() throws -> SymmetricKey {
    guard let key = try symmetric(.local) else { throw ReplicaError.homeDamaged("local key") }
    return key
  }

  /// Drops a key that nobody else was given.
  func drop(_ name: Name) throws {
    try database.run("DELETE FROM key_ring WHERE name = ?", .text(name.text))
    exchangeKeys[name] = nil
    symmetricKeys[name] = nil
  }

  /// Drops a space's epoch keys. Needs no password: a locked device can purge.
  static func dropEpochs(of space: SpaceID, in database: any SQLDatabase) throws {
    try drop(Name.epochPrefix(space), in: database)
  }

  /// Drops all generations of a team's key; needs no password.
  static func dropKeys(of team: TeamID, in database: any SQLDatabase) throws {
    try drop(Name.teamPrefix(team), in: database)
  }

  /// Drops everything but the key of the device's private copies; needs no password.
  static func dropAllShared(in database: any SQLDatabase) throws {
    try database.run("DELETE FROM key_ring WHERE name <> ?", .text(Name.local.text))
  }

  private static func drop(_ prefix: String, in database: any SQLDatabase) throws {
    try database.run(
      "DELETE FROM key_ring WHERE substr(name, 1, ?) = ?",
      .integer(Int64(prefix.utf8.count)), .text(prefix))
  }

  func forgetAll() {
    exchangeKeys = [:]
    symmetricKeys = [:]
    identityKey = nil
  }

  func forgetOpened(of team: TeamID) {
    exchangeKeys = exchangeKeys.filter { name, _ in
      if case .team(team, _) = name { false } else { true }
    }
  }

  func forgetOpened(of space: SpaceID) {
    symmetricKeys = symmetricKeys.filter { name, _ in
      if case .epoch(space, _) = name { false } else { true }
    }
  }
}

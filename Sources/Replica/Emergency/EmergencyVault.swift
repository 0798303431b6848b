import Database
import Merge
import Sealing
import Signing
import SyncProtocol

/// A client's vault while an emergency is open: the client's log and keys in memory, read as a device of
/// the client's reads them. Ciphertext is fetched as it is asked for and lies in a folder of its own
/// until this goes; no key is written anywhere.
public final class EmergencyVault {
  private let owner: Replica
  private let reader: Replica
  private let connection: Connection

  /// Asks for the server's share, opens the deposit, and verifies the vault's log from its first entry.
  ///
  /// - Throws: ``ReplicaError/badInput(_:)`` where this account has no emergency of the client open,
  ///   ``ReplicaError/notReady(_:)`` where the server says that it is over.
  init(_ owner: Replica, of client: AccountID, _ transport: any Transport) throws {
    self.owner = owner
    let deposit = try owner.openDeposit(of: client)
    var report = SyncReport()
    connection = try owner.connect(transport, &report)
    let key = try owner.emergencyKey(deposit, connection)
    let database = try SQLiteDatabase.inMemory()
    try database.migrate(DeviceTables.migrations)
    let identity = Replica.Identity(
      account: client, replica: owner.identity.replica, role: .client,
      server: owner.identity.server, certificate: owner.identity.certificate)
    reader = try Replica(
      home: owner.home.makeTemporaryHome(
        "emergency-\(Hex.encode(owner.environment.random.bytes(8)))"), database: database,
      identity: identity, environment: owner.environment)
    let keys = KeyRing(
      database: database, passwordKey: SymmetricKey(random: owner.environment.random),
      random: owner.environment.random)
    reader.keys = keys
    // What this device knows of other logs says nothing about the client's.
    connection.hasCompared = true
    try reader.pull(reader.vault, connection, &report)
    try reader.checkDeposited(key, deposit.epoch)
    try keys.store(key, as: .epoch(reader.vault, deposit.epoch))
    try reader.openEpochs(connection, &report)
    try reader.fetchVaultWraps(connection)
  }

  deinit {
    do {
      try reader.home.remove()
    } catch {
      // It goes when the home is opened next.
    }
  }

  public func tree() throws -> VaultTree { try reader.vaultTree() }

  /// Writes files and folders of the vault into a folder of the disk.
  public func get(
    _ paths: [String], to directory: String, overwrite: Bool = false
  ) throws -> GetReport {
    let tree = try tree()
    var files: [VaultTree.Entry] = []
    for path in paths {
      let entry = try tree.entry(at: path)
      files += (entry.map { [$0] } ?? []) + tree.descendants(of: entry?.id)
    }
    files = files.filter { $0.kind == .file }
    try reader.fetchVersions(of: files.map(\.id), connection)
    for file in files {
      try owner.audit(.download, file.id, in: reader.vault, .granted, detail: "emergency")
    }
    return try reader.getFromVault(paths, to: directory, overwrite: overwrite)
  }
}

extension Replica {
  /// Reads the vault of a client whose deposit this account has open.
  public func emergencyVault(
    of client: AccountID, _ transport: any Transport
  ) throws -> EmergencyVault {
    try EmergencyVault(self, of: client, transport)
  }

  /// The key that the client's own log committed to, and no other.
  fileprivate func checkDeposited(_ key: SymmetricKey, _ id: EpochID) throws {
    guard let epoch = try store.state(vault).epochs.first(where: { $0.id == id }) else {
      throw ReplicaError.cannotOpen("the emergency deposit: the vault has no such key")
    }
    let (body, previous) = try statement(of: epoch, in: vault)
    guard key.matches(body.commitment, context: EpochSecret.context(vault, previous)) else {
      throw ReplicaError.cannotOpen("the emergency deposit: it is not the vault's key")
    }
  }
}

import Database
import Foundation
import Merge
import Schemas
import Signing
import SyncProtocol

extension SyncServer {
  /// The files of a data directory.
  struct Layout {
    let directory: String
    var database: String { "\(directory)/server.db" }
    var keys: String { "\(directory)/server.keys" }
    var lock: String { "\(directory)/server.lock" }
    var blobs: String { "\(directory)/blobs" }
    /// Which file the database was when the server was last closed.
    var place: String { "\(directory)/server.place" }
  }

  /// Makes a server: its data directory (for its owner only), keys, database and the invitation of
  /// the first administrator, the only one that is not made by a member.
  ///
  /// - Parameter directory: is made where it does not exist; its parent must.
  /// - Throws: ``ServerError``, `SQLError`.
  public static func initialize(
    directory: String, environment: Environment
  ) throws -> Invitation {
    let layout = Layout(directory: directory)
    try DurableFile.makeDirectory(directory)
    let lock = try DirectoryLock(path: layout.lock)
    return try withExtendedLifetime(lock) {
      let isTaken = DurableFile.exists(layout.keys) || DurableFile.exists(layout.database)
      guard !isTaken else { throw ServerError.alreadyInitialised }
      let keys = ServerKeys(random: environment.random)
      let temporary = layout.database + ".new"
      for suffix in ["", "-wal", "-shm"] { unlink(temporary + suffix) }
      try DurableFile.makeEmpty(temporary)
      let database = try SQLiteDatabase(path: temporary)
      let invitation = try firstInvitation(database, keys, environment)
      try database.close()
      try DurableFile.write(keys.stored, to: layout.keys, temporary: layout.keys + ".new")
      try DurableFile.rename(temporary, to: layout.database)
      try FilePlace(layout).keep()
      return invitation
    }
  }

  private static func firstInvitation(
    _ database: SQLiteDatabase, _ keys: ServerKeys, _ environment: Environment
  ) throws -> Invitation {
    let core = try ServerCore(
      database: database, blobs: MemoryBlobStorage(), keys: keys, environment: environment,
      options: Options())
    return try core.inviteFirstAdministrator()
  }

  /// Opens the server in a data directory, and keeps every other process out of it.
  ///
  /// - Throws: ``ServerError``, `SQLError`, `MigrationError`.
  public convenience init(
    directory: String, environment: Environment, options: Options = Options(),
    schema: SchemaFiles = BuiltInSchema.loaded
  ) throws {
    let layout = Layout(directory: directory)
    guard DurableFile.exists(layout.keys), DurableFile.exists(layout.database),
      let stored = try DurableFile.read(layout.keys, byteCountMax: 4096)
    else { throw ServerError.notInitialised }
    let lock = try DirectoryLock(path: layout.lock)
    let keys = try ServerKeys(stored: stored)
    let place = options.noticesCopies ? FilePlace(layout) : nil
    let isOther = try place?.isOther() ?? false
    try self.init(
      database: SQLiteDatabase(path: layout.database),
      blobs: FileBlobStorage(directory: layout.blobs), keys: keys, environment: environment,
      options: options, schema: schema, lock: lock, databasePath: layout.database, place: place)
    // A copy that was put back by hand, or a process that ended badly.
    if place != nil { try beginIncarnation(isOther: isOther) }
    try place?.forget()
  }

  /// A server in memory, with its first invitation: for simulations and tests.
  public static func inMemory(
    environment: Environment, options: Options = Options()
  ) throws -> (server: SyncServer, invitation: Invitation) {
    let keys = ServerKeys(random: environment.random)
    let server = try SyncServer(
      database: SQLiteDatabase.inMemory(), blobs: MemoryBlobStorage(), keys: keys,
      environment: environment, options: options)
    return (server, try server.inviteFirstAdministrator())
  }
}

extension ServerCore {
  func inviteFirstAdministrator() throws -> Invitation {
    let invitation = Invitation(
      server: keys.certificate.identity, organisation: nil, inviter: nil, role: .admin,
      expiresMilliseconds: now + Invitation.lifetimeMilliseconds(.admin),
      secret: SharedSecret(random: environment.random))
    let request = InvitationRequest(
      lookup: invitation.lookup, role: .admin, organisation: nil,
      expiresMilliseconds: invitation.expiresMilliseconds)
    try transaction { try InvitationTable(database: database).insert(request, inviter: nil) }
    return invitation
  }
}

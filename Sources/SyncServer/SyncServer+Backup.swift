import Database
import Foundation
import Merge
import Schemas
import SpaceStore
import SyncProtocol

extension SyncServer {
  /// What stands in a data directory and not in a backup.
  public struct Loss: Hashable, Sendable {
    public let accountCount: Int64
    public let spaceCount: Int64
    public let entryCount: Int64

    public var isNothing: Bool { accountCount == 0 && spaceCount == 0 && entryCount == 0 }
  }

  /// Copies a server to a directory, also while it serves: the database as it is at one moment, all
  /// files that it names, and the keys.
  ///
  /// - Parameter target: is made where it does not exist; an older backup in it is replaced.
  public static func backUp(directory: String, to target: String) throws {
    let source = Layout(directory: directory)
    let copy = Layout(directory: target)
    guard DurableFile.exists(source.keys), DurableFile.exists(source.database),
      let keys = try DurableFile.read(source.keys, byteCountMax: 4096)
    else { throw ServerError.notInitialised }
    try DurableFile.makeDirectory(target)
    let lock = try DirectoryLock(path: copy.lock)
    try withExtendedLifetime(lock) {
      try copyDatabase(source, to: copy)
      // Blobs never change: what was added since the database's moment is named by nothing in it.
      try FileTree.link(source.blobs, to: copy.blobs)
      try DurableFile.write(keys, to: copy.keys, temporary: copy.keys + ".new")
    }
  }

  private static func copyDatabase(_ source: Layout, to copy: Layout) throws {
    let temporary = copy.database + ".new"
    for suffix in ["", "-wal", "-shm"] { unlink(temporary + suffix) }
    let database = try SQLiteDatabase(path: source.database)
    try database.backup(to: temporary)
    try database.close()
    for suffix in ["-wal", "-shm"] { unlink(copy.database + suffix) }
    try DurableFile.sync(temporary)
    try DurableFile.rename(temporary, to: copy.database)
  }

  /// What would be lost if the backup were put in the place of what is there now; `nil` where nothing
  /// is there.
  public static func loss(directory: String, from backup: String) throws -> Loss? {
    let present = Layout(directory: directory)
    let copy = Layout(directory: backup)
    guard DurableFile.exists(copy.keys), DurableFile.exists(copy.database) else {
      throw ServerError.notInitialised
    }
    guard DurableFile.exists(present.database) else { return nil }
    let database = try SQLiteDatabase(path: present.database)
    let statement = "ATTACH DATABASE ? AS backup"
    try database.run(statement, .text(copy.database))
    func count(_ sql: String) throws -> Int64 {
      try database.first(sql) { $0.integer(0) } ?? 0
    }
    let loss = Loss(
      accountCount: try count(
        "SELECT COUNT(*) FROM main.account WHERE id NOT IN (SELECT id FROM backup.account)"),
      spaceCount: try count(
        "SELECT COUNT(*) FROM main.space WHERE id NOT IN (SELECT id FROM backup.space)"),
      entryCount: try count(
        """
        SELECT COUNT(*) FROM main.log JOIN main.space ON main.space.number = main.log.space
        LEFT JOIN backup.space ON backup.space.id = main.space.id
        LEFT JOIN backup.log ON backup.log.space = backup.space.number
          AND backup.log.position = main.log.position AND backup.log.head = main.log.head
        WHERE backup.log.position IS NULL
        """))
    try database.close()
    return loss
  }

  /// Puts a backup in the place of a server that nobody serves. What was there stays aside, as
  /// `server.db.replaced`. The next process goes on in a new incarnation: devices hand back what they
  /// have from after the backup.
  public static func restore(
    directory: String, from backup: String, environment: Environment,
    schema: SchemaFiles = BuiltInSchema.loaded
  ) throws {
    let present = Layout(directory: directory)
    let copy = Layout(directory: backup)
    guard DurableFile.exists(copy.database),
      let stored = try DurableFile.read(copy.keys, byteCountMax: 4096)
    else { throw ServerError.notInitialised }
    try DurableFile.makeDirectory(directory)
    let lock = try DirectoryLock(path: present.lock)
    try withExtendedLifetime(lock) {
      let keys = try ServerKeys(stored: stored)
      try setAside(present)
      try FileTree.link(copy.blobs, to: present.blobs)
      try DurableFile.write(stored, to: present.keys, temporary: present.keys + ".new")
      try copyDatabase(copy, to: present)
      let core = try ServerCore(
        database: SQLiteDatabase(path: present.database), blobs: MemoryBlobStorage(), keys: keys,
        environment: environment, options: Options(), schema: schema)
      try core.beginIncarnation(isWithholding: true)
      core.keep(ContinuityMark(present))
      try core.close()
    }
  }

  private static func setAside(_ layout: Layout) throws {
    guard DurableFile.exists(layout.database) else { return }
    // Opening and closing writes the log of the last process back into the file.
    try SQLiteDatabase(path: layout.database).close()
    try DurableFile.rename(layout.database, to: layout.database + ".replaced")
    for suffix in ["-wal", "-shm"] { unlink(layout.database + suffix) }
  }
}

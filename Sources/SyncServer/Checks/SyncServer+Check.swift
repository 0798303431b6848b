import Database
import Merge
import SpaceStore
import SyncProtocol

extension SyncServer {
  /// What a check of a server came to.
  public typealias Findings = CheckReport

  /// Checks all that lies in a data directory against itself: the file, chains, logs with every hash,
  /// signature and verdict, rows, the tables beside the logs, wraps and blobs. Keeps every other
  /// process out meanwhile.
  ///
  /// - Parameter repairs: makes anew what the logs tell, and removes files that nothing lists. What is
  ///   still wrong afterwards is in the report.
  /// - Throws: ``ServerError/inUse`` while a server runs, other ``ServerError``s, `SQLError`.
  public static func check(
    directory: String, environment: Environment, repairs: Bool = false
  ) throws -> CheckReport {
    let layout = Layout(directory: directory)
    guard DurableFile.exists(layout.keys), DurableFile.exists(layout.database),
      let stored = try DurableFile.read(layout.keys, byteCountMax: 4096)
    else { throw ServerError.notInitialised }
    let lock = try DirectoryLock(path: layout.lock)
    return try withExtendedLifetime(lock) {
      var report = CheckReport()
      do {
        let core = try ServerCore(
          database: SQLiteDatabase(path: layout.database),
          blobs: FileBlobStorage(directory: layout.blobs), keys: ServerKeys(stored: stored),
          environment: environment, options: Options())
        report = try check(core, repairs: repairs)
        try core.close()
      } catch let error as SQLError where Self.isDamage(error) {
        report.add(.database, error.message, .none)
      }
      return report
    }
  }

  private static func isDamage(_ error: SQLError) -> Bool {
    error.category == .corrupt || error.category == .notADatabase
  }

  /// Once more after a repair: what it could not put right has to be said.
  private static func check(_ core: ServerCore, repairs: Bool) throws -> CheckReport {
    var report = CheckReport()
    var check = ServerCheck(core: core, repairs: repairs)
    try check.run(&report)
    if report.repairs.isEmpty { return report }
    var after = CheckReport()
    after.repairs = report.repairs
    check = ServerCheck(core: core, repairs: false)
    try check.run(&after)
    return after
  }
}

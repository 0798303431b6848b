import Foundation

/// The folder of one replica: its database, its blobs, and the lock that keeps others out.
///
/// `replica.db` (SQLite), `blobs/` (ciphertext), `lock`, `agent.sock` while unlocked for a while.
public final class Home {
  public let path: String
  private var lockDescriptor: Int32

  private init(path: String, lockDescriptor: Int32) {
    self.path = path
    self.lockDescriptor = lockDescriptor
  }

  deinit {
    guard lockDescriptor >= 0 else { return }
    // A process that is just being started by another thread has a copy of the descriptor for a moment,
    // which would keep the lock.
    _ = flock(lockDescriptor, LOCK_UN)
    _ = Glibc.close(lockDescriptor)
  }

  var databasePath: String { path + "/replica.db" }
  var blobsPath: String { path + "/blobs" }
  /// For files on their way in or out; emptied when the home is opened.
  var temporaryPath: String { path + "/tmp" }

  /// A folder for what a replica in memory fetches. What is left of it goes when the home is opened.
  func makeTemporaryHome(_ name: String) throws -> Home {
    let home = Home(path: "\(temporaryPath)/\(name)", lockDescriptor: -1)
    for folder in [home.path, home.blobsPath, home.temporaryPath] {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    return home
  }

  public static func exists(at path: String) -> Bool {
    FileManager.default.fileExists(atPath: path + "/replica.db")
  }

  /// Makes an empty home that only its owner can read.
  public static func create(at path: String) throws -> Home {
    if exists(at: path) { throw ReplicaError.homeExists(path) }
    let owner: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
    for folder in [path, path + "/blobs", path + "/tmp"] {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: owner)
    }
    return try lock(path)
  }

  /// Opens a home for this process alone.
  public static func open(at path: String) throws -> Home {
    guard exists(at: path) else { throw ReplicaError.noHome(path) }
    let home = try lock(path)
    try home.emptyTemporary()
    return home
  }

  /// The lock goes with the process, however it ends.
  private static func lock(_ path: String) throws -> Home {
    let descriptor = Glibc.open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ReplicaError.homeDamaged(path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      _ = Glibc.close(descriptor)
      throw ReplicaError.homeInUse(path)
    }
    return Home(path: path, lockDescriptor: descriptor)
  }

  private func emptyTemporary() throws {
    let manager = FileManager.default
    try manager.createDirectory(
      atPath: temporaryPath, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    for name in try manager.contentsOfDirectory(atPath: temporaryPath) {
      try manager.removeItem(atPath: temporaryPath + "/" + name)
    }
  }
}

extension Home {
  /// Whether the server may know of what was made here, so that it must not be thrown away.
  public var mayBeRegistered: Bool {
    do {
      let settings = Settings(database: try Replica.openDatabase(self))
      if try settings.number(.restoring) == 0 { return false }
      return try settings.bytes(.account) != nil || settings.bytes(.enrolment) != nil
    } catch {
      // What cannot be read is not thrown away.
      return true
    }
  }

  /// Removes a home that was made for nothing.
  public func remove() throws { try FileManager.default.removeItem(atPath: path) }

  /// The same of one that is not open.
  public static func remove(at path: String) throws { try lock(path).remove() }
}

extension SQLiteDatabase {
  /// How far a transaction is written when it returns (`PRAGMA synchronous`).
  public enum Durability: Hashable, Sendable {
    /// It survives a loss of power. One `fsync` a transaction.
    case full
    /// It survives a crash of the process; a loss of power can take the last ones, whole.
    case normal
  }

  /// How a database is opened. The defaults keep everything that was saved.
  public struct Options: Hashable, Sendable {
    public var durability = Durability.full

    /// Refuses every write. The file has to exist.
    public var isReadOnly = false

    /// How long a statement waits for another connection's lock before it fails as `busy`.
    public var busyTimeoutMilliseconds: Int32 = 5_000

    /// Overwrites what is deleted with zeros (`PRAGMA secure_delete`).
    public var isDeletionSecure = true

    /// The page cache, in pages of 4096 bytes.
    public var cachePageCount = 2_000

    /// The largest text or blob, in bytes.
    public var valueByteCountMax: Int32 = 64 * 1024 * 1024

    /// The largest database, in pages; 0 for SQLite's own limit. Writes beyond it fail as `full`.
    public var pageCountMax = 0

    public init() {}
  }
}

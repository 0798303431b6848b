extension SQLiteDatabase {
  /// What a query that a person wrote may take, and see.
  public struct QueryLimits: Hashable, Sendable {
    /// The most rows that are returned.
    public var rowCountMax = 10_000

    /// The most bytes of text and blobs that are returned; the row that passes it is the last.
    public var byteCountMax = 16 * 1024 * 1024

    /// The most operations of SQLite's virtual machine; more fails as `interrupted`. A hundred
    /// million are a second or two.
    public var operationCountMax: Int32 = 1_000_000_000

    /// The tables and views that may be read, by name. `nil` for all of them. A view is of use only
    /// together with the tables that it reads.
    public var readableTables: Set<String>?

    public init() {}
  }

  /// The rows of a query that a person wrote.
  public struct QueryResult: Hashable, Sendable {
    public let columns: [String]
    public let rows: [[SQLValue]]

    /// Whether these are all rows; `false` if a limit ended the query.
    public let isComplete: Bool
  }
}

import CSQLite

/// Decides what a query of a person may do, action by action
/// (sqlite.org/c3ref/set_authorizer.html).
final class QueryAuthorizer {
  /// The tables and views that may not be read, in lower case.
  private let hiddenTables: Set<String>

  /// Whether anything was refused so far.
  private(set) var hasRefused = false

  init(hiding hiddenTables: Set<String>) { self.hiddenTables = hiddenTables }

  /// What SQLite calls, with the authorizer as its data.
  static let callback:
    @convention(c) (
      UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
      UnsafePointer<CChar>?, UnsafePointer<CChar>?
    ) -> Int32 = { data, action, first, second, _, _ in
      guard let data else { return SQLITE_DENY }
      let authorizer = Unmanaged<QueryAuthorizer>.fromOpaque(data).takeUnretainedValue()
      let isAllowed =
        switch action {
        case SQLITE_SELECT, SQLITE_RECURSIVE: true
        // Loading code is switched off on every connection besides.
        case SQLITE_FUNCTION: name(second) != "load_extension"
        case SQLITE_READ: authorizer.mayRead(name(first))
        default: false
        }
      if !isAllowed { authorizer.hasRefused = true }
      return isAllowed ? SQLITE_OK : SQLITE_DENY
    }

  private static func name(_ text: UnsafePointer<CChar>?) -> String {
    text.map { String(cString: $0).lowercased() } ?? ""
  }

  /// Through which view a table is read makes no difference: SQLite tells it by name alone, and a
  /// query can name a common table expression like any view.
  private func mayRead(_ table: String) -> Bool {
    // Raw pages and the layout of the file are nobody's to query.
    table != "sqlite_dbpage" && table != "dbstat" && !hiddenTables.contains(table)
  }
}

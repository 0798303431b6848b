/// Statements by where their text lies in memory: most SQL is the same literal each time, and to hash it
/// costs more than to execute some of it.
///
/// A text that is kept here stays where it is, so that no other one can come to lie in its place.
struct RecentStatements {
  private struct Entry {
    let text: String
    let start: UnsafePointer<UInt8>
    let byteCount: Int
    let statement: SQLiteStatement
  }

  private static let countMax = 512
  private var entries: [Entry?] = Array(repeating: nil, count: countMax)

  /// Short texts lie in the value itself, and are not found; nor is set for them what is not.
  subscript(sql: String) -> SQLiteStatement? {
    get {
      guard let (start, byteCount) = Self.place(of: sql),
        let entry = entries[Self.index(start)], entry.start == start, entry.byteCount == byteCount
      else { return nil }
      return entry.statement
    }
    set {
      guard let (start, byteCount) = Self.place(of: sql) else { return }
      entries[Self.index(start)] = newValue.map {
        Entry(text: sql, start: start, byteCount: byteCount, statement: $0)
      }
    }
  }

  /// The most bytes that a text has without storage of its own.
  private static let inlineByteCountMax = 15

  private static func place(of sql: String) -> (UnsafePointer<UInt8>, Int)? {
    guard sql.utf8.count > inlineByteCountMax else { return nil }
    return sql.utf8.withContiguousStorageIfAvailable { text in
      text.baseAddress.map { ($0, text.count) }
    } ?? nil
  }

  private static func index(_ start: UnsafePointer<UInt8>) -> Int {
    let address = UInt(bitPattern: start) >> 4
    return Int((address ^ address >> 9) % UInt(countMax))
  }
}

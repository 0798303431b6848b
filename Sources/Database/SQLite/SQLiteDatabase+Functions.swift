import CSQLite

extension SQLiteDatabase {
  /// The body of a SQL function.
  public typealias Function = ([SQLValue]) throws -> SQLValue

  /// Adds a function that SQL on this connection can call. Not from the schema: a view or trigger
  /// in a hostile file cannot reach it.
  ///
  /// `argumentCount` is 0 to 100. `deterministic` promises the same result for the same arguments
  /// within a statement. `body` must not use this connection. What it throws fails the statement:
  /// a ``SQLFunctionError`` with its message, all else without.
  public func function(
    name: String, argumentCount: Int, deterministic: Bool, _ body: @escaping Function
  ) throws(SQLError) {
    precondition(connection.isOpen, "the database is closed")
    precondition((0...100).contains(argumentCount), "0 to 100 arguments")
    let flags = SQLITE_UTF8 | SQLITE_DIRECTONLY | (deterministic ? SQLITE_DETERMINISTIC : 0)
    let box = Unmanaged.passRetained(FunctionBox(name: name, body: body))
    // SQLite calls the last function, which releases the box, also if this call fails.
    let result = sqlite3_create_function_v2(
      connection.handle, name, Int32(argumentCount), flags, box.toOpaque(),
      { context, count, values in FunctionBox.call(context, count, values) }, nil, nil,
      { box in if let box { Unmanaged<FunctionBox>.fromOpaque(box).release() } })
    try connection.check(result)
  }
}

/// What SQLite keeps of a function.
private final class FunctionBox {
  let name: String
  let body: SQLiteDatabase.Function

  init(name: String, body: @escaping SQLiteDatabase.Function) {
    self.name = name
    self.body = body
  }

  static func call(
    _ context: OpaquePointer?, _ count: Int32,
    _ values: UnsafeMutablePointer<OpaquePointer?>?
  ) {
    guard let data = sqlite3_user_data(context) else { return }
    let box = Unmanaged<FunctionBox>.fromOpaque(data).takeUnretainedValue()
    let arguments = UnsafeBufferPointer(start: values, count: Int(count)).map(
      SQLValue.init(sqlite:))
    do {
      try box.body(arguments).set(asResultOf: context)
    } catch {
      let reason = (error as? SQLFunctionError)?.message ?? "failed"
      sqlite3_result_error(context, "\(box.name): \(reason)", -1)
    }
  }
}

extension SQLValue {
  fileprivate init(sqlite value: OpaquePointer?) {
    switch sqlite3_value_type(value) {
    case SQLITE_NULL:
      self = .null
    case SQLITE_INTEGER:
      self = .integer(sqlite3_value_int64(value))
    case SQLITE_BLOB:
      let start = sqlite3_value_blob(value)
      let count = start == nil ? 0 : Int(sqlite3_value_bytes(value))
      self = .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
    default:
      let start = sqlite3_value_text(value)
      let count = start == nil ? 0 : Int(sqlite3_value_bytes(value))
      let text = UnsafeBufferPointer(start: start, count: count)
      self = .text(String(decoding: text, as: UTF8.self))
    }
  }

  fileprivate func set(asResultOf context: OpaquePointer?) {
    switch self {
    case .null:
      sqlite3_result_null(context)
    case .integer(let value):
      sqlite3_result_int64(context, value)
    case .text(var value):
      value.withUTF8 { text in
        text.withMemoryRebound(to: CChar.self) { text in
          // An empty text may have no memory, and null is not empty.
          guard let start = text.baseAddress else {
            return satchel_result_text_transient(context, "", 0)
          }
          satchel_result_text_transient(context, start, UInt64(text.count))
        }
      }
    case .blob(let value):
      guard !value.isEmpty else { return sqlite3_result_zeroblob(context, 0) }
      satchel_result_blob_transient(context, value, UInt64(value.count))
    }
  }
}

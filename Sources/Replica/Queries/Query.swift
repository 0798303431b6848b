import CBOR
import Database
import Merge
import SpaceStore

extension Replica {
  /// Tables that hold nothing of the records, and which people may read besides.
  private static let readableTables: Set<String> = [
    "_sibling", "_deletion", "_decision", "space", "replica", "log", "journal_signature",
    "chain_statement", "own_journal", "outbox", "outbox_row", "rejected", "blob_outbox",
    "left_space", "evidence", "audit", "forked_space", "signed_head", "chain_head", "page_proof",
    "lost_page",
  ]

  /// Answers one SQL query that only reads, on a connection that can only read.
  ///
  /// Tables of the record types, their siblings and logs can be read; keys and settings cannot.
  /// `unseal(column)` opens a sealed value of a column or of `_sibling.value`: `NULL` stays `NULL`, and
  /// what this device has no key for becomes it. `person(account)` is a name, `uuid(id)` an id's usual
  /// form, `consent_status(space, record)` and `consent_permissions(space, record)` say where an assignment
  /// stands now.
  ///
  /// - Throws: ``QueryError``; ``ReplicaError/locked`` for `unseal` in a locked home.
  public func query(_ sql: String) throws -> QueryAnswer {
    let unsealing = Unsealing(self)
    do throws(SQLError) {
      let reader = try reader(unsealing)
      var limits = SQLiteDatabase.QueryLimits()
      limits.readableTables = Self.readableTables.union(store.schema.types.map(\.name))
      return QueryAnswer(try reader.readOnlyQuery(sql, limits: limits))
    } catch {
      if unsealing.wasLocked { throw ReplicaError.locked }
      throw QueryError(error)
    }
  }

  private func reader(_ unsealing: Unsealing) throws(SQLError) -> SQLiteDatabase {
    var options = SQLiteDatabase.Options()
    options.isReadOnly = true
    let reader = try SQLiteDatabase(path: home.databasePath, options: options)
    try reader.function(name: "unseal", argumentCount: 1, deterministic: true) {
      try unsealing.value($0[0])
    }
    try reader.function(name: "person", argumentCount: 1, deterministic: true) { [unowned self] in
      try person($0[0])
    }
    try reader.function(name: "uuid", argumentCount: 1, deterministic: true) {
      try Self.uuid($0[0])
    }
    try store.addConsentFunctions(to: reader) { [unowned self] in try nowMilliseconds }
    return reader
  }

  private func person(_ value: SQLValue) throws -> SQLValue {
    guard value != .null else { return .null }
    guard let account = value.blobValue.flatMap({ AccountID($0) }) else {
      throw SQLFunctionError("an account id has \(AccountID.byteCount) bytes")
    }
    return .text(personName(account))
  }

  private static func uuid(_ value: SQLValue) throws -> SQLValue {
    guard value != .null else { return .null }
    guard let id = value.blobValue.flatMap({ Bytes16($0) }) else {
      throw SQLFunctionError("a UUID has \(Bytes16.byteCount) bytes")
    }
    return .text(id.uuidText)
  }
}

extension FixedBytes {
  /// As RFC 9562 writes sixteen bytes; other ids as plain hexadecimal.
  public var uuidText: String {
    guard Self.byteCount == 16 else { return hex }
    let digits = Array(hex)
    let parts = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20...]]
    return parts.map { String($0) }.joined(separator: "-")
  }
}

extension QueryAnswer {
  init(_ result: SQLiteDatabase.QueryResult) {
    columns = result.columns
    rows = result.rows.map { $0.map(Value.init) }
    isComplete = result.isComplete
  }
}

extension QueryAnswer.Value {
  init(_ value: SQLValue) {
    switch value {
    case .null: self = .null
    case .integer(let value): self = .integer(value)
    case .text(let value): self = .text(value)
    case .blob(let value): self = .blob(value)
    }
  }
}

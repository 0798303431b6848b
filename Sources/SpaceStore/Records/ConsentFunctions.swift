import Database
import Merge

extension SpaceStore {
  /// An assignment's consent as its row shows it, own unsent decisions included.
  public func consent(_ row: RowKey) throws -> Consent {
    Consent(record: try tables.shownState(row))
  }

  /// Lets SQL on another connection ask where consents stand (requirements E5, E6):
  /// `consent_status(space, record)` is `pending`, `active`, `declined`, `revoked` or `expired`,
  /// `consent_permissions(space, record)` a JSON array of what is allowed now, both `NULL` where there is
  /// no such assignment. ``Consent/state(nowMilliseconds:)`` says it, as everywhere.
  ///
  /// - Parameters:
  ///   - reader: a connection to the same database; not the store's own, which a function must not use.
  ///   - nowMilliseconds: log time on a server, the clamped clock on a device.
  public func addConsentFunctions(
    to reader: SQLiteDatabase, nowMilliseconds: @escaping () throws -> UInt64
  ) throws(SQLError) {
    try reader.function(name: "consent_status", argumentCount: 2, deterministic: true) {
      try self.consentState($0, nowMilliseconds()).map { .text($0.status.rawValue) } ?? .null
    }
    try reader.function(name: "consent_permissions", argumentCount: 2, deterministic: true) {
      try self.consentState($0, nowMilliseconds()).map { state in
        .text(JSONText.array(state.terms.permissions.map { JSONText.quoted($0.rawValue) }))
      } ?? .null
    }
  }

  private func consentState(
    _ arguments: [SQLValue], _ nowMilliseconds: UInt64
  ) throws -> ConsentState? {
    guard case .integer(let space) = arguments[0],
      let record = arguments[1].blobValue.flatMap({ RecordID($0) })
    else { throw SQLFunctionError("a space's number and a record's id are expected") }
    let row = RowKey(space: space, type: Consent.type, record: record)
    let shown = try tables.shownState(row)
    guard shown.created != nil else { return nil }
    return Consent(record: shown).state(nowMilliseconds: nowMilliseconds)
  }
}

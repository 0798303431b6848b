import Database
import Merge
import SpaceStore
import SyncProtocol

extension World {
  /// The server's own account of its spaces, through a connection beside it.
  package func withServerStore<Result>(_ body: (SpaceStore) throws -> Result) throws -> Result {
    let store = try observer ?? makeObserver()
    // A server that has learnt of record types since has other tables.
    let typeCount = try Self.typeCount(store)
    let present = typeCount == observedTypeCount ? store : try makeObserver()
    observer = present
    observedTypeCount = typeCount
    present.forget()
    return try body(present)
  }

  /// Grows with each version of each type that an organisation declares.
  private static func typeCount(_ store: SpaceStore) throws -> Int64 {
    try store.database.first("SELECT COUNT(*) + SUM(version) FROM _organisation_type") {
      $0.optionalInteger(0) ?? 0
    } ?? 0
  }

  private func makeObserver() throws -> SpaceStore {
    try SpaceStore(
      database: SQLiteDatabase(path: "\(serverDirectory)/server.db"), schema: serverSchema.schema,
      server: server.certificate.device, keepsHeads: true)
  }
}

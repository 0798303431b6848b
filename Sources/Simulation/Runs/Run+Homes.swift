import Database
import Replica

extension Run {
  /// What lies unsent and refused in each home: for whoever reads the trace of a run that failed.
  func noteHomes() throws {
    for party in parties where party.isOpen {
      for space in try party.replica.store.spaceIDs() {
        let number = try party.replica.store.number(of: space)
        let sequences = { (sql: String) in
          try party.replica.database.rows("\(sql) ORDER BY sequence", .integer(number)) {
            "\($0.integer(0))"
          }.joined(separator: " ")
        }
        let unsent = try sequences(
          "SELECT sequence FROM outbox WHERE space = ? AND accepted IS NULL")
        let accepted = try sequences(
          "SELECT sequence FROM outbox WHERE space = ? AND accepted IS NOT NULL")
        let waiting = try sequences("SELECT sequence FROM stale_commit WHERE space = ?")
        let refused = try sequences("SELECT sequence FROM rejected WHERE space = ?")
        if (unsent + accepted + waiting + refused).isEmpty { continue }
        let home = try party.replica.journalReplica(space: number).home
        trace.note(
          "home \(party.name) \(space.hex) as \(home % 10_000): unsent [\(unsent)] "
            + "accepted [\(accepted)] waiting [\(waiting)] refused [\(refused)]")
      }
    }
  }
}

import Database
import Replica

extension Run {
  /// The server drops what it may, at whatever moment.
  func compact() throws -> String {
    let count = try world.server.compact()
    self.count("compaction")
    return "\(count) compacted"
  }

  /// Somebody is out of reach for very long; the others' time passes too.
  func beAway(_ party: Party) -> String {
    let days = UInt64(generator.pick([100, 190, 370]))
    partitions[party.name] = 3 + generator.below(10)
    party.network.isOffline = true
    world.clock.advance(milliseconds: days * 24 * 60 * 60 * 1000)
    count("long absence")
    return "away, \(days) days pass"
  }
}

extension World {
  /// A server that takes everybody to have read everything.
  func skipAcknowledgements() throws {
    let all = "UPDATE reader SET acknowledged = 1000000"
    let database = try SQLiteDatabase(path: "\(serverDirectory)/server.db")
    for event in ["INSERT", "UPDATE"] {
      try database.execute(
        "CREATE TRIGGER planted_\(event) AFTER \(event) ON reader BEGIN \(all); END")
    }
    try database.execute(all)
  }
}

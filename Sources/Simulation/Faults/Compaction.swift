import Database
import Replica

extension StepKind {
  /// The server drops what it may, at whatever moment.
  static let compaction = StepKind("compaction", weight: 1) { run, _ in
    let count = try run.world.server.compact()
    run.count("compaction")
    return "\(count) compacted"
  }
}

extension PlantedBug {
  static let compactedEarly = PlantedBug(
    "compaction-before-acknowledgement",
    "the server compacts what not everybody has seen overwritten", foundBy: ["compaction"]
  ).with { bug in
    bug.plant = { try $0.skipAcknowledgements() }
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

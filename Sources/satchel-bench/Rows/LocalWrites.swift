import Database
import Merge
import Replica
import Simulation
import Terminal

/// Bars 1 and 2: what a person writes, sealed, journalled, shown and on the disk.
enum LocalWrites {
  static let rows = [
    Row(
      "1-writes-sealed", "local commits of 256 records of eight fields, two sealed", .atLeast(0.35)
    ) { try fullCommits(.two, $0) },
    Row("1-writes-open", "local commits of 256 records of eight open fields", .atLeast(0.45)) {
      try fullCommits(.none, $0)
    },
    Row(
      "2-single-full", "local commits of one change, durable (synchronous FULL)", .atLeast(0.8)
    ) { try singleChanges(.full, $0) },
    Row(
      "2-single-normal", "local commits of one change, synchronous NORMAL on both sides",
      .atLeast(0.4)
    ) { try singleChanges(.normal, $0) },
  ]

  private static func fullCommits(_ sealing: Practice.Sealing, _ bench: Bench) throws -> Measurement
  {
    let count = bench.scaled(20 * Commit.changeCountMax)
    return try bench.withFolder { folder in
      let practice = try Practice(in: folder)
      let client = practice.world.client
      try require(.full, of: client)
      return try bench.interleaved("rows/s", against: "plain SQLite") {
        let drafts = practice.drafts(count, sealing, client)
        let seconds = try Bench.seconds {
          for draft in drafts {
            try client.replica.write(draft, in: practice.world.facts.casework)
          }
        }
        return Double(count) / seconds
      } yardstick: {
        try PlainSQLite.rowsPerSecond(count, transactionRowCount: 1000, .full, bench)
      }
    }
  }

  private static func singleChanges(
    _ durability: PlainSQLite.Durability, _ bench: Bench
  ) throws -> Measurement {
    let count = bench.scaled(1000)
    return try bench.withFolder { folder in
      let practice = try Practice(in: folder)
      let client = practice.world.client
      let casework = practice.world.facts.casework
      let made = practice.draft(.none, 1, client)
      try client.replica.write(made, in: casework)
      try client.replica.database.execute("PRAGMA synchronous = \(durability.rawValue)")
      try require(durability, of: client)
      var number: UInt64 = 0
      return try bench.interleaved("transactions/s", against: "plain SQLite") {
        let seconds = try Bench.seconds {
          for _ in 0..<count {
            number += 1
            let change = Draft.Change(
              .update, made.changes[0].type, made.changes[0].record,
              [Draft.Write("f", .unsigned(number))])
            try client.replica.write(Draft([change]), in: casework)
          }
        }
        return Double(count) / seconds
      } yardstick: {
        try PlainSQLite.rowsPerSecond(count, transactionRowCount: 1, durability, bench)
      }
    }
  }

  /// A figure of a database that promises less would be none.
  static func require(_ durability: PlainSQLite.Durability, of party: Party) throws {
    let value = try party.replica.database.first("PRAGMA synchronous") { $0.integer(0) }
    guard value == (durability == .full ? 2 : 1) else {
      throw Failure("synchronous is \(value.map(String.init) ?? "unknown")")
    }
  }
}

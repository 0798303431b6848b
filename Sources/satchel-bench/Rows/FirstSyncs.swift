import Foundation
import Merge
import Replica
import Simulation
import Terminal

/// Bar 10: a device that joins and takes in all there is.
enum FirstSyncs {
  static let rows = [
    Row("10-first-100k", "first sync: 100,000 rows in 1,000 spaces, over plain SQLite", .atMost(8))
    {
      try overPlain(rowCount: $0.scaled(100_000, atLeast: 1000), $0)
    },
    Row(
      "10-first-1m", "first sync: a million rows in 1,000 spaces, over the first sync of 100,000",
      .atMost(11), measure: growth),
  ]

  private static let commitChangeCount = 100

  private static func overPlain(rowCount: Int, _ bench: Bench) throws -> Measurement {
    try bench.withFolder { folder in
      let practice = try Practice(in: folder)
      let newcomer = try Newcomer(
        practice, rowCount: rowCount, spaceCount: bench.scaled(1000, atLeast: 10), in: folder)
      return try bench.interleaved("s", against: "plain SQLite") {
        try newcomer.seconds()
      } yardstick: {
        Double(rowCount)
          / (try PlainSQLite.rowsPerSecond(rowCount, transactionRowCount: 1000, .full, bench))
      }
    }
  }

  private static func growth(_ bench: Bench) throws -> Measurement {
    try bench.withFolder { folder in
      let spaceCount = bench.scaled(1000, atLeast: 10)
      let few = bench.scaled(100_000, atLeast: 1000)
      let small = try Newcomer(
        Practice(in: folder), rowCount: few, spaceCount: spaceCount, in: folder)
      let large = try Newcomer(
        Practice(in: folder), rowCount: 10 * few, spaceCount: spaceCount, in: folder)
      return try bench.interleaved("s", against: "100,000 rows") {
        try large.seconds()
      } yardstick: {
        try small.seconds()
      }
    }
  }

  /// A device that begins anew each time, as it was before anything was written.
  private final class Newcomer {
    private let party: Party
    private let copy: String
    private let rowCount: Int

    init(_ practice: Practice, rowCount: Int, spaceCount: Int, in folder: String) throws {
      party = practice.world.practitioner
      copy = "\(folder)/newcomer-\(UUID().uuidString)"
      self.rowCount = rowCount
      party.close()
      try FileManager.default.copyItem(atPath: party.homePath, toPath: copy)
      let world = practice.world
      let (admin, client) = (world.admin, world.client)
      let spaces = try (0..<spaceCount).map { _ in
        try admin.replica.openCasework(
          client: client.account, team: world.facts.team, admin.network)
      }
      try world.settle(["client"])
      let perSpace = rowCount / spaceCount
      for space in spaces {
        for start in stride(from: 0, to: perSpace, by: commitChangeCount) {
          let count = min(commitChangeCount, perSpace - start)
          try client.replica.write(practice.draft(.none, count, client), in: space)
        }
      }
      let report = try client.sync()
      guard report.problems.isEmpty, report.refused.isEmpty else { throw Failure("refused") }
    }

    /// Of one sync, the server's part in it included.
    func seconds() throws -> Double {
      party.close()
      try FileManager.default.removeItem(atPath: party.homePath)
      try FileManager.default.copyItem(atPath: copy, toPath: party.homePath)
      try party.open()
      party.network.reset()
      var report = SyncReport()
      let seconds = try Bench.seconds { report = try party.sync() }
      guard report.pulledCount * commitChangeCount >= rowCount, report.problems.isEmpty else {
        throw Failure("not everything was taken in")
      }
      return seconds
    }
  }
}

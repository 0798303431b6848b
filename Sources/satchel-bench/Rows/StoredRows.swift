import Database
import Foundation
import Merge
import Replica
import Simulation
import Terminal

/// Bars 13 and 14: what a device's home comes to with many rows in it.
enum StoredRows {
  static let rows = [
    Row(
      "13-disk-hundreds", "disk of a replica with a million rows, written in commits of 100",
      .atMost(2.2)
    ) { try disk(commitChangeCount: 100, rowCount: $0.scaled(1_000_000, atLeast: 1000), $0) },
    Row(
      "13-disk-singles", "disk of a replica with 100,000 rows, written in commits of one",
      .atMost(3)
    ) { try disk(commitChangeCount: 1, rowCount: $0.scaled(100_000, atLeast: 1000), $0) },
    Row(
      "14-start", "`satchel status` on a replica of a million rows, over `satchel --version`",
      .atMost(3), measure: start),
  ]

  /// The database of the reader, to whom all of it came through the server, over the plain table.
  private static func disk(
    commitChangeCount: Int, rowCount: Int, _ bench: Bench
  ) throws -> Measurement {
    try bench.withFolder { folder in
      let practice = try Practice(in: folder)
      let reader = practice.world.practitioner
      let before = try byteCount(of: reader)
      try fill(practice, rowCount, commitChangeCount: commitChangeCount)
      let ours = try byteCount(of: reader) - before
      let plain = try PlainSQLite(path: "\(folder)/plain.db", durability: .normal)
      try plain.insert(rowCount, transactionRowCount: 1000)
      let theirs = try plain.byteCount()
      return Measurement(
        exactly: Double(ours) / Double(theirs),
        figures: [
          "ours bytes/row": Double(ours) / Double(rowCount),
          "plain SQLite bytes/row": Double(theirs) / Double(rowCount),
        ])
    }
  }

  private static func byteCount(of party: Party) throws -> Int {
    try party.replica.database.execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
    let count = try party.replica.database.first(
      "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    ) { Int($0.integer(0)) }
    return count ?? 0
  }

  /// The client writes, and the practitioner takes it in.
  private static func fill(
    _ practice: Practice, _ rowCount: Int, commitChangeCount: Int
  ) throws {
    let (writer, reader) = (practice.world.client, practice.world.practitioner)
    // As much at once as leaves both sides' logs and the outbox small.
    let batch = max(commitChangeCount, 20_000)
    for start in stride(from: 0, to: rowCount, by: batch) {
      for _ in 0..<min(batch, rowCount - start) / commitChangeCount {
        let draft = practice.draft(.none, commitChangeCount, writer)
        try writer.replica.write(draft, in: practice.world.facts.casework)
      }
      for party in [writer, reader] {
        let report = try party.sync()
        guard report.problems.isEmpty, report.refused.isEmpty else { throw Failure("refused") }
        party.network.reset()
      }
    }
  }

  private static func start(_ bench: Bench) throws -> Measurement {
    let program = "\(Bundle.main.bundlePath)/satchel"
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw Failure("skipped: build the product satchel first, in release")
    }
    return try bench.withFolder { folder in
      let practice = try Practice(in: folder)
      try fill(practice, bench.scaled(1_000_000, atLeast: 1000), commitChangeCount: 100)
      let reader = practice.world.practitioner
      let home = reader.homePath
      reader.close()
      return try bench.interleaved("ms", against: "--version") {
        try (0..<20).map { _ in try run(program, ["status", "--home", home]) }.median * 1000
      } yardstick: {
        try (0..<20).map { _ in try run(program, ["--version"]) }.median * 1000
      }
    }
  }

  /// Seconds until the program has ended.
  private static func run(_ program: String, _ arguments: [String]) throws -> Double {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    let seconds = try Bench.seconds {
      try process.run()
      process.waitUntilExit()
    }
    guard process.terminationStatus == 0 else {
      throw Failure("\(arguments[0]) ended with \(process.terminationStatus)")
    }
    return seconds
  }
}

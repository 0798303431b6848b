import Merge
import Replica
import Simulation
import SyncProtocol
import Terminal

/// Bar 3: what a device does with pages of others' commits of 100 rows: chain, signatures, acceptance,
/// tables, and all of it on the disk.
enum PulledPages {
  static let rows = [
    Row(
      "3-inserts-plain", "pulled pages: new records of eight fields in commits of 100",
      .atLeast(0.3)
    ) { try apply(.inserts, $0, against: "plain SQLite") { try plain(.inserts, $0, $1) } },
    Row(
      "3-updates-plain", "pulled pages: changes of one field in commits of 100", .atLeast(0.3)
    ) { try apply(.updates, $0, against: "plain SQLite") { try plain(.updates, $0, $1) } },
    Row("3-inserts-yjs", "the same new records, against Yjs in memory", .atLeast(1)) { bench in
      let yjs = try Yjs()
      return try apply(.inserts, bench, against: "Yjs") { count, _ in try yjs.rates(count).inserts }
    },
    Row("3-updates-yjs", "the same changes, against Yjs in memory", .atLeast(1)) { bench in
      let yjs = try Yjs()
      return try apply(.updates, bench, against: "Yjs") { count, _ in try yjs.rates(count).updates }
    },
  ]

  private enum Work {
    case inserts, updates
  }

  private static let commitChangeCount = 100

  private static func apply(
    _ work: Work, _ bench: Bench, against name: String,
    yardstick: (_ count: Int, Bench) throws -> Double
  ) throws -> Measurement {
    let count = bench.scaled(20_000, atLeast: commitChangeCount)
    return try bench.withFolder { folder in
      let practice = try Practice(in: folder)
      let reader = practice.world.practitioner
      try LocalWrites.require(.full, of: reader)
      let line = TimedLine(reader.network)
      var number: UInt64 = 0
      var records: [RecordID] = []
      if work == .updates {
        records = try write(count, practice)
        _ = try reader.sync()
      }
      return try bench.interleaved("rows/s", against: name) {
        number += 1
        switch work {
        case .inserts: _ = try write(count, practice)
        case .updates: try update(records, to: number, practice)
        }
        line.reset()
        var report = SyncReport()
        let seconds = try Bench.seconds { report = try reader.replica.sync(line) }
        guard report.pulledCount * commitChangeCount >= count, report.problems.isEmpty else {
          throw Failure("not everything was taken in")
        }
        return Double(count) / (seconds - line.seconds)
      } yardstick: {
        try yardstick(count, bench)
      }
    }
  }

  private static func write(_ count: Int, _ practice: Practice) throws -> [RecordID] {
    let client = practice.world.client
    var records: [RecordID] = []
    for _ in 0..<count / commitChangeCount {
      let draft = practice.draft(.none, commitChangeCount, client)
      records += draft.changes.map(\.record)
      try client.replica.write(draft, in: practice.world.facts.casework)
    }
    try send(client)
    return records
  }

  private static func update(
    _ records: [RecordID], to number: UInt64, _ practice: Practice
  ) throws {
    let client = practice.world.client
    for start in stride(from: 0, to: records.count, by: commitChangeCount) {
      let changes = records[start..<min(start + commitChangeCount, records.count)].map {
        Draft.Change(.update, practice.type(.none), $0, [Draft.Write("f", .unsigned(number))])
      }
      try client.replica.write(Draft(changes), in: practice.world.facts.casework)
    }
    try send(client)
  }

  private static func send(_ party: Party) throws {
    let report = try party.sync()
    guard report.refused.isEmpty, report.problems.isEmpty else { throw Failure("refused") }
  }

  private static func plain(_ work: Work, _ count: Int, _ bench: Bench) throws -> Double {
    try bench.withFolder { folder in
      let database = try PlainSQLite(path: "\(folder)/plain.db", durability: .full)
      if work == .updates { try database.insert(count, transactionRowCount: 1000) }
      let seconds = try Bench.seconds {
        switch work {
        case .inserts: try database.insert(count, transactionRowCount: 1000)
        case .updates: try database.update(count, transactionRowCount: 1000)
        }
      }
      return Double(count) / seconds
    }
  }
}

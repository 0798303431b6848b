import Foundation
import Terminal

/// `satchel-bench peers`: the same work by programs and libraries that people know.
enum PeersCommand {
  static let command = Command(
    name: ["peers"],
    summary: "Run peers on the same data and print side by side.",
    details: """
      Programs come from Debian (age, restic, rclone, borgbackup), libraries from PyPI, in a virtual \
      environment below .build/peers. What is not there is named and left out. Times are of one run: \
      for the bars, with rounds and in turn, see `run`.
      """,
    options: [
      .value("scale", "PERCENT", help: "a part of the work (100)"),
      .value("folder", "DIR", help: "on the disk that is measured (.build/bench)"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws {
    var bench = Bench(folder: invocation.option("folder") ?? ".build/bench")
    bench.scale = Double(try invocation.integer("scale", in: 1...1000) ?? 100) / 100
    try FileManager.default.createDirectory(
      atPath: bench.folder, withIntermediateDirectories: true)
    let output = Output.standard
    output.line(Machine.current.text)
    try bench.withFolder { folder in
      let folder = URL(fileURLWithPath: folder).standardizedFileURL.path
      output.line("\nfiles, seconds: 1 GiB up; 5,000 files up; down on another device; unchanged")
      try Files.large(bench.scaled(1 << 30), at: "\(folder)/large")
      try Files.small(bench.scaled(5_000, atLeast: 20), in: "\(folder)/small")
      for peer in FilePeers.all {
        output.line(line(peer.name) { try seconds(peer, folder) })
      }
      output.line("\nsealing 1 GiB, file to file, seconds: seal; open")
      for peer in FilePeers.sealers {
        output.line(line(peer.name) { try peer.seconds(folder) })
      }
    }
    output.line("\nrecords of six fields in memory, unsigned, not durable, records/s: remote apply")
    let count = bench.scaled(20_000, atLeast: 200)
    for library in LibraryPeers.all {
      output.line(line(library.name) { [try library.rate(count)] })
    }
    output.line("\nrows of eight columns, on the disk, rows/s: 1,000 a transaction")
    output.line(
      line("plain SQLite") {
        [
          try PlainSQLite.rowsPerSecond(
            bench.scaled(100_000), transactionRowCount: 1000, .full, bench)
        ]
      })
  }

  private static func line(_ name: String, _ figures: () throws -> [Double]) -> String {
    let label = name.padding(toLength: 28, withPad: " ", startingAt: 0)
    do {
      return label + (try figures()).map(\.short).joined(separator: "  ")
    } catch {
      return label + "left out: \((error as? Failure)?.message ?? "\(error)")"
    }
  }

  private static func seconds(_ peer: any FilePeer.Type, _ folder: String) throws -> [Double] {
    let own = "\(folder)/\(UUID().uuidString)"
    let manager = FileManager.default
    try manager.createDirectory(atPath: own, withIntermediateDirectories: true)
    let result = Result {
      let running = try peer.init(in: own)
      func time(_ body: () throws -> Void) rethrows -> Double {
        sync()
        return try Bench.seconds(body)
      }
      return [
        try time { try running.send("\(folder)/large") },
        try time { try running.send("\(folder)/small") },
        try time { try running.fetch("small", to: "\(own)/out") },
        try time { try running.sendAgain("\(folder)/small") },
      ]
    }
    try manager.removeItem(atPath: own)
    return try result.get()
  }
}

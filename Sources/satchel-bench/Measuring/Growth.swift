import Foundation
import Merge
import Replica
import Simulation
import SyncProtocol
import Terminal

/// Worlds that grow, and what one change costs in them.
enum Growth {
  /// 1, 10, 100… times the first size, as far as the scaled last one.
  private static func sizes(_ first: Int, _ last: Int, _ bench: Bench) -> [Int] {
    let limit = max(first, bench.scaled(last))
    var sizes = [first]
    while let size = sizes.last, size * 10 <= limit { sizes.append(size * 10) }
    return sizes
  }

  /// Milliseconds that it takes, in the middle of five times.
  private static func milliseconds(_ body: () throws -> Void) rethrows -> Double {
    try (0..<5).map { _ in try Bench.seconds(body) * 1000 }.median
  }

  static func rows(_ bench: Bench) throws -> GrowthPlot.Panel {
    try bench.withFolder { folder in
      let practice = try Practice(in: folder)
      let (client, other) = (practice.world.client, practice.world.practitioner)
      var panel = GrowthPlot.Panel(
        title: "rows in a space", names: ["write one", "push it", "pull it"])
      var count = 0
      for size in sizes(1_000, 1_000_000, bench) {
        try practice.write(size - count, .none, by: client)
        count = size
        _ = try client.sync()
        _ = try other.sync()
        var figures: [[Double]] = []
        for _ in 0..<5 {
          figures.append([
            try Bench.seconds { try practice.write(1, .none, by: client) } * 1000,
            try Bench.seconds { _ = try client.sync() } * 1000,
            try Bench.seconds { _ = try other.sync() } * 1000,
          ])
        }
        panel.add(Double(size), (0..<3).map { index in figures.map { $0[index] }.median })
      }
      return panel
    }
  }

  static func spaces(_ bench: Bench) throws -> GrowthPlot.Panel {
    try bench.withFolder { folder in
      let practice = try Practice(in: folder)
      let world = practice.world
      var panel = GrowthPlot.Panel(
        title: "spaces on a device", names: ["sync, nothing to do", "sync, one moved"])
      let (client, practitioner) = (world.client, world.practitioner)
      var count = 0
      for size in sizes(1, 1_000, bench) {
        while count < size {
          count += 1
          _ = try world.admin.replica.assign(
            practitioner: practitioner.account, client: client.account,
            terms: ConsentTerms(permissions: Permission.allCases, untilMilliseconds: nil),
            world.admin.network)
        }
        for _ in 0..<2 { for party in [practitioner, client] { _ = try party.sync() } }
        let idle = try milliseconds { _ = try practitioner.sync() }
        var moved: [Double] = []
        for _ in 0..<5 {
          try practice.write(1, .none, by: client)
          _ = try client.sync()
          moved.append(try Bench.seconds { _ = try practitioner.sync() } * 1000)
        }
        panel.add(Double(size), [idle, moved.median])
      }
      return panel
    }
  }

  static func files(_ bench: Bench) throws -> GrowthPlot.Panel {
    try bench.withFolder { folder in
      let world = try World(cast: .small, opening: ["admin", "client"], in: folder)
      let client = world.client
      var panel = GrowthPlot.Panel(
        title: "files in a vault", names: ["add one", "sync it", "sync, nothing to do"])
      var count = 0
      for size in sizes(1, 100_000, bench) {
        let path = "\(folder)/more-\(size)"
        try Files.tiny(count..<size, in: path)
        try add(path, client)
        count = size
        for _ in 0..<2 { _ = try client.sync() }
        var figures: [[Double]] = []
        for number in 0..<5 {
          let one = "\(folder)/one-\(size)-\(number)"
          try Data("one more \(number)".utf8).write(to: URL(fileURLWithPath: one))
          figures.append([
            try Bench.seconds { try add(one, client) } * 1000,
            try Bench.seconds { _ = try client.sync() } * 1000,
            try Bench.seconds { _ = try client.sync() } * 1000,
          ])
        }
        panel.add(Double(size), (0..<3).map { index in figures.map { $0[index] }.median })
      }
      return panel
    }
  }

  private static func add(_ path: String, _ party: Party) throws {
    let report = try party.replica.addToVault([path])
    if let problem = report.problems.first { throw Failure("\(problem)") }
  }

  static func devices(_ bench: Bench) throws -> GrowthPlot.Panel {
    try bench.withFolder { folder in
      let practice = try Practice(in: folder)
      let (world, client) = (practice.world, practice.world.client)
      var panel = GrowthPlot.Panel(
        title: "devices of a member", names: ["write and push", "pull by another"])
      // The client's two of the beginning are not counted.
      var count = 0
      for size in sizes(1, 100, bench) {
        while count < size {
          count += 1
          // Each replaces the one before in the world; on the account's chain all of them stay.
          _ = try world.enrolPhone()
        }
        _ = try client.sync()
        var figures: [[Double]] = []
        for _ in 0..<5 {
          figures.append([
            try Bench.seconds {
              try practice.write(1, .none, by: client)
              _ = try client.sync()
            } * 1000,
            try Bench.seconds { _ = try world.practitioner.sync() } * 1000,
          ])
        }
        panel.add(Double(size), (0..<2).map { index in figures.map { $0[index] }.median })
      }
      return panel
    }
  }
}

import Foundation
import Merge
import Replica
import Simulation
import SyncProtocol
import SyncServer
import Terminal

/// Bar 4: the server takes pushes in, judged, merged, logged and on the disk before the verdict.
enum ServerPushes {
  static let rows = [
    Row(
      "4-push-changes", "the server accepts pushes of 1,000 new eight-field records each",
      .atLeast(0.2), measure: changes),
    Row(
      "4-push-single", "the server accepts pushes of one change from 32 devices at a time",
      .atLeast(0.7), measure: singles),
  ]

  private static func changes(_ bench: Bench) throws -> Measurement {
    let pushCount = bench.scaled(10)
    return try bench.withFolder { folder in
      let practice = try Practice(in: folder)
      let client = practice.world.client
      try require(practice.world)
      let line = WatchedTransport(client.network)
      return try bench.interleaved("changes/s", against: "plain SQLite") {
        line.reset()
        for _ in 0..<pushCount {
          for _ in 0..<4 { try practice.write(250, .none, by: client) }
          let report = try client.replica.sync(line)
          guard report.acceptedCount == 4 else { throw Failure("\(report)") }
        }
        let pushes = line.exchanges(with: Path.push)
        guard pushes.count == pushCount else { throw Failure("\(pushes.count) pushes") }
        return Double(pushCount * 1000) / pushes.reduce(0) { $0 + $1.seconds }
      } yardstick: {
        try PlainSQLite.rowsPerSecond(
          pushCount * 1000, transactionRowCount: 1000, .full, bench)
      }
    }
  }

  private static let deviceCount = 32

  private static func singles(_ bench: Bench) throws -> Measurement {
    let countEach = bench.scaled(64)
    return try bench.withFolder { folder in
      let practice = try Practice([], in: folder)
      let (world, server) = (practice.world, practice.world.server)
      try require(world)
      let admin = world.admin
      let devices = try (0..<deviceCount).map { _ in
        let invitation = try admin.replica.invite(role: .client, name: "Client", admin.network)
        return try PushingDevice(invitation, server, admin.environment)
      }
      return try bench.interleaved("pushes/s", against: "plain SQLite") {
        let pushes = devices.map { device in (0..<countEach).map { _ in device.nextPush() } }
        let answers = Answers()
        let seconds = Bench.seconds {
          Crew.work(deviceCount) { number in
            answers.add(pushes[number].map { server.handle($0) })
          }
        }
        for answer in answers.all { try PushingDevice.requireAccepted(answer) }
        return Double(answers.all.count) / seconds
      } yardstick: {
        try PlainSQLite.rowsPerSecond(
          deviceCount * countEach, transactionRowCount: 1, .full, bench)
      }
    }
  }

  /// A figure of a server that promises less would be none.
  static func require(_ world: World) throws {
    guard try world.server.syncsEachTransaction() else {
      throw Failure("the server's database is not synchronous=FULL in WAL")
    }
  }

  /// What threads came to. `@unchecked Sendable`: touched only under the lock.
  private final class Answers: @unchecked Sendable {
    private let lock = NSLock()
    private var responses: [Response] = []

    func add(_ more: [Response]) { lock.withLock { responses += more } }
    var all: [Response] { lock.withLock { responses } }
  }
}

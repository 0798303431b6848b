import Foundation
import HTTP
import Merge
import Replica
import Simulation
import SyncProtocol
import SyncServer
import Terminal

/// Bar 12: from a write on one device to where another one shows it that waits, and what those that wait
/// cost the server.
enum WaitingDevices {
  static let rows = [
    Row(
      "12-waiting-p50",
      "a change shows on a device that waits: median, over a bare HTTP round trip",
      .atMost(12)
    ) { try latency($0, percent: 50) },
    Row(
      "12-waiting-p99", "the same, 99th percentile, over a bare HTTP round trip", .atMost(60)
    ) { try latency($0, percent: 99) },
    Row(
      "12-waiting-memory", "KiB of memory for each of 5,000 devices that wait, HTTP included",
      .atMost(20), measure: memory),
  ]

  private static func latency(_ bench: Bench, percent: Double) throws -> Measurement {
    let count = bench.scaled(200, atLeast: 20)
    return try bench.withFolder { folder in
      let practice = try Practice(in: folder)
      let world = practice.world
      let http = try HTTPLine.serve(world.server)
      let bare = try BareExchange()
      let client = world.client
      let writing = Watch(client.replica, try HTTPLine(to: http))
      let made = practice.draft(.none, 1, client)
      try client.replica.write(made, in: world.facts.casework)
      for _ in 0..<3 { _ = try writing.sync() }
      let reader = try Reader(world.practitioner, try HTTPLine(to: http))
      defer { reader.end() }
      var number: UInt64 = 0
      var measurement = try bench.interleaved("µs", against: "bare round trip") {
        var latencies: [Double] = []
        for _ in 0..<count {
          number += 1
          let change = Draft.Change(
            .update, made.changes[0].type, made.changes[0].record,
            [Draft.Write("f", .unsigned(number))])
          reader.awaitHold()
          let start = ContinuousClock().now
          try client.replica.write(Draft([change]), in: world.facts.casework)
          guard try writing.sync().acceptedCount == 1 else { throw Failure("not accepted") }
          latencies.append((try reader.nextShown() - start) / .seconds(1))
        }
        return latencies.percentile(percent) * 1e6
      } yardstick: {
        try bare.seconds(count) * 1e6
      }
      // The change is on the disk of the writer, of the server and of the reader; push, feed and pull.
      let synced = try PlainSQLite.rowsPerSecond(count, transactionRowCount: 1, .full, bench)
      measurement.figures["limit µs: three synced transactions, three round trips"] =
        3e6 / synced + 3e6 * (try bare.seconds(count))
      return measurement
    }
  }

  /// A device that waits, on a thread of its own.
  ///
  /// `@unchecked Sendable`: the replica is used by the thread only, the rest is locked.
  private final class Reader: @unchecked Sendable {
    private let watch: Watch
    private let condition = NSCondition()
    private var shown: [Result<ContinuousClock.Instant, any Error>] = []
    private var isEnding = false

    init(_ party: Party, _ line: any Transport) throws {
      watch = Watch(party.replica, line)
      for _ in 0..<3 { _ = try watch.sync() }
      Thread { self.run() }.start()
    }

    private func run() {
      while !condition.withLock({ isEnding }) {
        let result = Result { try watch.sync(holdMilliseconds: 2000).pulledCount > 0 }
        let now = ContinuousClock().now
        condition.withLock {
          switch result {
          case .success(true): shown.append(.success(now))
          case .success(false): return
          case .failure(let error): shown.append(.failure(error))
          }
          condition.signal()
        }
      }
    }

    /// The request has reached the server by then.
    func awaitHold() { usleep(3000) }

    func nextShown() throws -> ContinuousClock.Instant {
      try condition.withLock {
        while shown.isEmpty {
          guard condition.wait(until: Date(timeIntervalSinceNow: 10)) else {
            throw Failure("the change did not come")
          }
        }
        return try shown.removeFirst().get()
      }
    }

    func end() { condition.withLock { isEnding = true } }
  }

  // MARK: Memory

  private static let waitingCount = 5000

  private static func memory(_ bench: Bench) throws -> Measurement {
    let count = bench.scaled(waitingCount)
    return try bench.withFolder { folder in
      let practice = try Practice([], in: folder)
      let world = practice.world
      var options = SyncServer.Options()
      options.deviceSessionCountMax = waitingCount + 1
      try world.restartServer(options)
      let admin = world.admin
      let invitation = try admin.replica.invite(role: .client, name: "Client", admin.network)
      let device = try PushingDevice(invitation, world.server, admin.environment)
      let requests = try (0..<count).map { _ in try device.waitingRequest() }
      var configuration = HTTPServerConfiguration()
      configuration.connectionsMax = waitingCount + 100
      let http = try HTTPLine.serve(world.server, configuration)
      var sockets: [RawSocket] = []
      for request in requests.prefix(50) {
        sockets.append(try RawSocket(port: http.port, sending: request))
      }
      try awaitHeld(50, world.server)
      let before = try Machine.residentByteCount()
      for request in requests.dropFirst(50) {
        sockets.append(try RawSocket(port: http.port, sending: request))
      }
      try awaitHeld(count, world.server)
      let after = try Machine.residentByteCount()
      return Measurement(
        exactly: Double(after - before) / Double(count - 50) / 1024,
        figures: ["devices": Double(sockets.count)])
    }
  }

  private static func awaitHeld(_ count: Int, _ server: SyncServer) throws {
    for _ in 0..<2000 {
      if server.heldAnswerCount >= count { return }
      usleep(10_000)
    }
    throw Failure("\(server.heldAnswerCount) of \(count) wait")
  }
}

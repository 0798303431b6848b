import HTTP
import Merge
import Replica
import Simulation
import SyncProtocol
import Terminal

/// Bar 6: what a sync costs that has little or nothing to do, however many spaces there are.
enum IdleSyncs {
  static let rows = [
    Row(
      "6-idle", "a sync with nothing to do of 1,000 spaces, over a bare HTTP round trip",
      .atMost(3),
      measure: idle),
    Row(
      "6-one-moved", "a sync where 1 of 1,000 spaces has moved, over the same with 10 spaces",
      .atMost(1.5), measure: oneMoved),
  ]

  private static let bodyByteCountMax = 400

  private static func idle(_ bench: Bench) throws -> Measurement {
    let count = bench.scaled(1000)
    return try bench.withFolder { folder in
      let crowd = try Crowd(spaceCount: count, in: folder)
      let bare = try BareExchange()
      crowd.line.reset()
      _ = try crowd.watch.sync()
      let sent = crowd.line.exchanges
      guard sent.count == 1, sent[0].bodyByteCount <= bodyByteCountMax else {
        throw Failure(
          "\(sent.count) requests, \(sent.reduce(0) { $0 + $1.bodyByteCount }) bytes of bodies")
      }
      var measurement = try bench.interleaved("µs", against: "bare round trip") {
        try (0..<50).map { _ in try Bench.seconds { _ = try crowd.watch.sync() } }.median * 1e6
      } yardstick: {
        try bare.seconds(50) * 1e6
      }
      measurement.figures["bytes of bodies"] = Double(sent[0].bodyByteCount)
      return measurement
    }
  }

  private static func oneMoved(_ bench: Bench) throws -> Measurement {
    let count = bench.scaled(1000, atLeast: 20)
    return try bench.withFolder { folder in
      let many = try Crowd(spaceCount: count, in: folder)
      let few = try Crowd(spaceCount: 10, in: folder)
      return try bench.interleaved("µs", against: "10 spaces") {
        try many.secondsAfterMoves(20) * 1e6
      } yardstick: {
        try few.secondsAfterMoves(20) * 1e6
      }
    }
  }

  /// A client who stays connected over HTTP, with many casework spaces.
  private final class Crowd {
    let practice: Practice
    private let http: HTTPServer
    let line: WatchedTransport
    let watch: Watch
    private let spaces: [SpaceID]
    private var moveCount = 0

    init(spaceCount: Int, in folder: String) throws {
      practice = try Practice(in: folder)
      let world = practice.world
      let (admin, client) = (world.admin, world.client)
      spaces = try (0..<spaceCount).map { _ in
        try admin.replica.openCasework(
          client: client.account, team: world.facts.team, admin.network)
      }
      try world.settle(["client", "practitioner"])
      http = try HTTPLine.serve(world.server)
      line = WatchedTransport(try HTTPLine(to: http))
      watch = Watch(client.replica, line)
      for _ in 0..<3 { _ = try watch.sync() }
    }

    /// The median of syncs that each bring what the practitioner has written in one space.
    func secondsAfterMoves(_ count: Int) throws -> Double {
      let (client, practitioner) = (practice.world.client, practice.world.practitioner)
      let other = Watch(practitioner.replica, practitioner.network)
      _ = try other.sync()
      return try (0..<count).map { _ in
        moveCount += 1
        let space = spaces[moveCount * 7 % spaces.count]
        try practitioner.replica.write(practice.draft(.none, 1, practitioner), in: space)
        guard try other.sync().acceptedCount == 1 else { throw Failure("not accepted") }
        line.reset()
        var report = SyncReport()
        let seconds = try Bench.seconds { report = try watch.sync() }
        guard report.pulledCount > 0, line.exchanges.count == 2, !client.replica.isLocked else {
          throw Failure("\(line.exchanges.map(\.request.path)): \(report)")
        }
        return seconds
      }.median
    }
  }
}

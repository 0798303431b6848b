import CBOR
import Merge
import Replica
import Simulation
import SyncProtocol
import Terminal

/// Bar 5: what a change weighs on the wire, both ways and with the heads of HTTP.
enum WireBytes {
  static let rows = [
    Row(
      "5-bytes-one-commit", "bytes a change: 100 one-field open changes in one commit",
      .atMost(40)
    ) { try bytes($0, commitSize: 100) },
    Row(
      "5-bytes-commits", "bytes a change: 100 commits of one one-field open change in one push",
      .atMost(100)
    ) { try bytes($0, commitSize: 1) },
    Row(
      "5-bytes-sealed", "bytes of a sealed short field, over its plaintext", .atMost(85),
      measure: sealed),
  ]

  private static let changeCount = 100

  private static func bytes(_ bench: Bench, commitSize: Int) throws -> Measurement {
    try bench.withFolder { folder in
      let pusher = try Pusher(Practice(in: folder), .none)
      var value: UInt64 = 0
      let byteCount = try pusher.push(commitSize: commitSize) {
        value += 1
        return Draft.Write("f", .unsigned(1000 + value))
      }
      return Measurement(exactly: Double(byteCount) / Double(changeCount))
    }
  }

  private static func sealed(_ bench: Bench) throws -> Measurement {
    try bench.withFolder { folder in
      let pusher = try Pusher(Practice(in: folder), .two)
      let text = CBORValue.text("dizzy spells")
      let open = try pusher.push(commitSize: changeCount) { Draft.Write("c", text) }
      let sealed = try pusher.push(commitSize: changeCount) { Draft.Write("a", text) }
      return Measurement(exactly: Double(sealed - open) / Double(changeCount))
    }
  }

  /// A client with a hundred records that the server has.
  private struct Pusher {
    let practice: Practice
    let made: Draft
    let line: WatchedTransport

    init(_ practice: Practice, _ sealing: Practice.Sealing) throws {
      let client = practice.world.client
      self.practice = practice
      made = practice.draft(sealing, changeCount, client)
      line = WatchedTransport(client.network)
      try client.replica.write(made, in: practice.world.facts.casework)
      _ = try client.replica.sync(line)
    }

    /// One update of each record, so many a commit, all in one push.
    ///
    /// - Returns: the bytes of the push and its answer.
    func push(commitSize: Int, _ write: () -> Draft.Write) throws -> Int {
      let client = practice.world.client
      for start in stride(from: 0, to: changeCount, by: commitSize) {
        let changes = made.changes[start..<start + commitSize].map {
          Draft.Change(.update, $0.type, $0.record, [write()])
        }
        try client.replica.write(Draft(changes), in: practice.world.facts.casework)
      }
      line.reset()
      let report = try client.replica.sync(line)
      let pushes = line.exchanges(with: Path.push)
      guard report.acceptedCount == changeCount / commitSize, pushes.count == 1 else {
        throw Failure("\(report)")
      }
      return pushes[0].wireByteCount
    }
  }
}

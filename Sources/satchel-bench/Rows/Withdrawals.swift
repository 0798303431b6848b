import CBOR
import Merge
import Replica
import Signing
import Simulation
import SyncProtocol
import Terminal

/// Bar 11: taking consent back takes no longer for who had many files.
enum Withdrawals {
  static let rows = [
    Row(
      "11-withdrawal", "withdrawing consent from who had 10,000 files, over who had 10",
      .atMost(2), measure: measure)
  ]

  private static func measure(_ bench: Bench) throws -> Measurement {
    let count = bench.scaled(10_000, atLeast: 100)
    let few = try (0..<max(3, bench.roundCount)).map { _ in try seconds(10, bench) }
    let many = try (0..<3).map { _ in try seconds(count, bench) }
    return Measurement(
      ratios: many.map { $0 / few.median },
      figures: ["ms of 10": few.median * 1e3, "ms of \(count)": many.median * 1e3])
  }

  /// From the person's word to the server's verdict, with which the wraps are gone.
  private static func seconds(_ count: Int, _ bench: Bench) throws -> Double {
    try bench.withFolder { folder in
      let world = try World(cast: .small, opening: ["client"], in: folder)
      try ServerPushes.require(world)
      let (client, engagement) = (world.client, world.facts.engagement)
      let line = WatchedTransport(client.network)
      _ = try client.replica.sync(line)
      let sharing = Sharing(client: client, line: line, engagement: engagement)
      try sharing.share(count)
      guard try wrapCount(world) >= count else { throw Failure("the wraps are not there") }
      let watch = Watch(client.replica, line)
      _ = try watch.sync()
      guard
        let assignment = try client.replica.assignments()
          .first(where: { $0.space == world.facts.assignment })
      else { throw Failure("no assignment") }
      line.reset()
      var seconds = try Bench.seconds {
        try client.replica.decide("revoked", on: assignment)
      }
      guard try watch.sync().problems.isEmpty,
        let push = line.exchanges(with: Path.push).first, push.isAnswered
      else { throw Failure("\(line.exchanges.map(\.request.path))") }
      seconds += push.seconds
      guard line.exchanges.allSatisfy({ $0.request.method != .put }), try wrapCount(world) < 10
      else { throw Failure("payload moved, or wraps stayed") }
      return seconds
    }
  }

  private static func wrapCount(_ world: World) throws -> Int {
    let rows = try world.server.query("SELECT COUNT(*) FROM share_wrap").rows
    guard case .integer(let count)? = rows.first?.first else { return 0 }
    return Int(count)
  }

  /// Shares whose objects are as large as real ones, and of one blob.
  private struct Sharing {
    let client: Party
    let line: WatchedTransport
    let engagement: SpaceID

    func share(_ count: Int) throws {
      let random = client.environment.random
      guard let token = line.exchanges.last(where: { $0.request.token != nil })?.request.token,
        let grant = try client.replica.store.state(engagement).consent.approvals.last
      else { throw Failure("no session") }
      let vault = SpaceID.vault(of: client.account)
      let blob = random.bytes(1000)
      let hash = Hasher256.content(blob)
      try send(Request(.put, Path.blob(space: vault.hex, hash: hash.hex), token: token, body: blob))
      var left = count
      while left > 0 {
        let wraps = (0..<min(left, 100)).map { _ in random.bytes(98) }
        let message = WrapsRequest(space: engagement, wraps: wraps)
        try send(Request(.post, Path.wraps, token: token, body: message.encoded))
        let files = wraps.map { _ in client.newRecordID() }
        try client.replica.write(Draft(files.map(Self.file)), in: vault)
        let changes = zip(wraps, files).map { wrap, file in
          change(vault, file, grant, blob: hash, wrap: Hasher256.content(wrap), random)
        }
        try client.replica.write(Draft(changes), in: engagement)
        left -= wraps.count
      }
      let report = try client.replica.sync(line)
      guard report.problems.isEmpty, report.refused.isEmpty, report.deferred.isEmpty else {
        throw Failure("not shared: \(report)")
      }
    }

    private func send(_ request: Request) throws {
      guard case .success = try line.send(request) else { throw Failure(request.path) }
    }

    /// A share of a file that the vault does not have ends by itself.
    private static func file(_ id: RecordID) -> Draft.Change {
      Draft.Change(.create, "file", id, [Draft.Write("name", .text("a letter.pdf"))])
    }

    private func change(
      _ vault: SpaceID, _ file: RecordID, _ grant: Origin, blob: Digest, wrap: Digest,
      _ random: any RandomSource
    ) -> Draft.Change {
      let content: [(key: CBORValue, value: CBORValue)] = [
        (.text("version"), .bytes(random.bytes(16))),
        (.text("blobs"), .array([.bytes(blob.bytes)])),
        (.text("length"), .unsigned(900)), (.text("commitment"), .bytes(random.bytes(32))),
        (.text("wrap"), .bytes(wrap.bytes)),
      ]
      let access: [(key: CBORValue, value: CBORValue)] = [
        (.text("state"), .text("active")), (.text("permissions"), .array([.text("view_files")])),
      ]
      return Draft.Change(
        .create, "share", client.newRecordID(),
        [
          Draft.Write("vault", .bytes(vault.bytes)), Draft.Write("file", .bytes(file.bytes)),
          Draft.Write("grant", .bytes(grant.packed)),
          Draft.Write("account_key", .bytes(random.bytes(32))),
          Draft.Write("name", .text("a letter.pdf")),
          Draft.Write("content", .map(CBORMap(content))),
          Draft.Write("access", .map(CBORMap(access))),
        ])
    }
  }
}

import CBOR
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Revoking moves headers only, however much was shared.
struct ManySharesTests {
  private static let shareCount = 10_000
  /// Shares made with one commit.
  private static let batchCount = 200

  /// As if so many files had been shared: each share has a wrap of its own.
  private func seed(_ pair: SharesPair) throws {
    try pair.add("f", "payload")
    try pair.share("f")
    let space = try pair.engagement
    let first = try #require(try pair.client.shares(in: space).first)
    for _ in 0..<Self.shareCount / Self.batchCount {
      try pair.client.transaction {
        let changes = try (0..<Self.batchCount).map { _ in
          let wrap = pair.client.environment.random.bytes(98)
          let content = first.content.wrapped(as: try pair.client.keepWrap(wrap, in: space))
          return Self.share(like: first, content, pair.client)
        }
        try pair.client.write(Draft(changes), in: space)
      }
    }
  }

  private static func share(
    like first: Share, _ content: SealedVersion, _ client: Replica
  ) -> Draft.Change {
    let id = TimeOrderedID.make(RecordID.self, client.environment)
    return Draft.Change(
      .create, "share", id,
      [
        Draft.Write("name", .text("f")), Draft.Write("content", Share.content(content)),
        Draft.Write("access", Share.access(active: first.terms)),
        Draft.Write("vault", .bytes(content.vault.bytes)),
        Draft.Write("file", .bytes(first.file.bytes)),
        Draft.Write("grant", first.record.value("grant") ?? .null),
        Draft.Write("account_key", .bytes(first.accountKey.bytes)),
      ])
  }

  @Test func tenThousandFilesGoWithoutAByteOfThem() throws {
    let pair = try SharesPair()
    try seed(pair)
    try pair.world.sync(pair.client)
    // Locked, so that it has the log and no bytes.
    pair.practitioner.lock()
    try pair.world.sync(pair.practitioner)
    let space = try pair.engagement
    let known = try pair.practitioner.database.first("SELECT COUNT(*) FROM share") { $0.integer(0) }
    #expect(known == Int64(Self.shareCount + 1))

    var byteCount = 0
    pair.world.transport.tamper = { request, response in
      byteCount += request.body.count
      if case .success(let bytes) = response { byteCount += bytes.count }
      return response
    }
    pair.world.transport.forgetPaths()
    try pair.client.decide("revoked", on: pair.client.assignment(with: nil))
    try pair.world.sync(pair.client, pair.practitioner)
    let objects = pair.world.transport.paths.filter {
      $0.contains("/blobs") || $0.hasPrefix(Path.wraps)
    }
    #expect(objects.isEmpty)
    // Less than three bytes a file: it does not grow with their number.
    #expect(byteCount < 30_000)
    #expect(try pair.client.store.state(space).ended != nil)
    let left = try pair.practitioner.database.first("SELECT COUNT(*) FROM share") { $0.integer(0) }
    #expect(left == 0)
    // Nothing of it is released any more.
    let receipt = try #require(try pair.client.receipts().first)
    #expect(receipt.shareCount == Self.shareCount + 1 && receipt.isStopped)
  }
}

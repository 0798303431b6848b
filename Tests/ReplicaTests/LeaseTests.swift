import Merge
import Simulation
import Testing

@testable import Replica

/// How long a device uses what is shared with it without asking again.
struct LeaseTests {
  private static let hour: UInt64 = 3_600_000

  private func wrapCount(_ replica: Replica) throws -> Int64 {
    try replica.database.first("SELECT COUNT(*) FROM wrap") { $0.integer(0) } ?? 0
  }

  private func denied(_ pair: SharesPair, as denial: AccessDenial) {
    #expect(throws: denial) { try pair.practitioner.content(shared: "f") }
  }

  /// Nothing was written in between: the time that was seen is kept all the same.
  @Test func aClockThatIsSetBackHelpsNobody() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f")
    try pair.sync()
    let start = pair.world.clock.now
    pair.world.clock.now = start + 71 * Self.hour
    #expect(try pair.practitioner.content(shared: "f") == Array("f".utf8))
    pair.world.clock.now = start + 72 * Self.hour
    denied(pair, as: .leaseOver)
    pair.world.clock.now = start + 10 * Self.hour
    denied(pair, as: .leaseOver)
    try pair.practitioner.tidyFiles()
    #expect(try wrapCount(pair.practitioner) == 0)
    #expect(try VaultAddingTests.blobCount(pair.practitioner) == 0)
    // The server says what time it is; what is allowed comes back with it.
    try pair.world.sync(pair.practitioner)
    #expect(try pair.practitioner.content(shared: "f") == Array("f".utf8))
  }

  @Test func theEndOfTheConsentComesFirst() throws {
    let end = UInt64(1_800_000_000_000) + 20 * Self.hour
    let pair = try SharesPair(untilMilliseconds: end)
    try pair.add("f", "f")
    try pair.share("f")
    try pair.sync()
    pair.world.clock.now = end - 1
    #expect(try pair.practitioner.content(shared: "f") == Array("f".utf8))
    pair.world.clock.now = end
    denied(pair, as: .consentInactive(.expired))
    pair.world.clock.now = end - 5 * Self.hour
    denied(pair, as: .consentInactive(.expired))
    try pair.practitioner.tidyFiles()
    #expect(try wrapCount(pair.practitioner) == 0)
    #expect(try VaultAddingTests.blobCount(pair.practitioner) == 0)
  }

  @Test func aSharesOwnEndHoldsWhenTheClockGoesBack() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    let until = pair.world.clock.now + 5 * Self.hour
    try pair.share("f", until: until)
    try pair.sync()
    pair.world.clock.now = until
    denied(pair, as: .shareExpired(until))
    pair.world.clock.now = until - Self.hour
    denied(pair, as: .shareExpired(until))
  }

  /// Somebody whose clock was far ahead, and who puts it right, is not locked out for good.
  @Test func aClockThatWasFarAheadIsForgivenAtTheSync() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f")
    try pair.sync()
    pair.world.clock.now += 10_000 * Self.hour
    denied(pair, as: .leaseOver)
    pair.world.clock.now -= 9_999 * Self.hour
    denied(pair, as: .leaseOver)
    try pair.world.sync(pair.practitioner)
    #expect(try pair.practitioner.content(shared: "f") == Array("f".utf8))
  }
}

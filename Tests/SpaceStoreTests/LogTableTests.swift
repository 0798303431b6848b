import CBOR
import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

@testable import SpaceStore

@Suite struct LogTableTests {
  private let store: SpaceStore
  private let space: SpaceID = .numbered(1)
  private let number: Int64

  init() throws {
    store = try makeStore(keepsHeads: true)
    number = try store.number(of: space)
  }

  /// Appends a journal's next commit, with a hash that says which one it is.
  @discardableResult
  private func append(
    _ device: Int, _ sequence: UInt64, reissueOf origin: Origin? = nil, in space: SpaceID? = nil
  ) throws -> Position {
    let commit = Self.commit(device, sequence, origin)
    let journal = Origin.of(device, sequence)
    return try store.append(
      .commit(journal, EncodedCommit(commit)), .commit(commit, journal),
      point: point(device, sequence), in: space ?? self.space
    ).position
  }

  private static func commit(
    _ device: Int, _ sequence: UInt64, _ origin: Origin? = nil
  ) -> Commit {
    let header = CommitHeader(
      time: HybridTime(milliseconds: sequence, counter: UInt16(device)),
      context: Context(position: .zero), origin: origin)
    let change = RecordChange(
      type: "remark", record: .numbered(device * 100 + Int(sequence)), operation: .create,
      writes: [FieldWrite(key: "text", value: .text("\(device) \(sequence)"))])
    return Commit(header: header, changes: [change])
  }

  private func point(_ device: Int, _ sequence: UInt64) -> JournalPoint {
    JournalPoint(sequence: sequence, hash: Hasher256.content([UInt8(device), UInt8(sequence)]))
  }

  private func sign(_ device: Int, upTo sequence: UInt64) throws -> JournalSignature {
    let seen = SeenHeads(
      account: ChainPoint(index: 0, hash: .zero), incarnation: 0, position: .zero, head: .zero,
      schema: .zero)
    let signature = JournalSignature(
      space: space, replica: .home(of: device), point: point(device, sequence), seen: seen,
      key: SigningKey(random: FixedRandom()))
    try store.log.keep(signature, space: number, replica: .home(of: device))
    return signature
  }

  private struct FixedRandom: RandomSource {
    func fill(_ buffer: UnsafeMutableRawBufferPointer) {
      for index in buffer.indices { buffer[index] = 7 }
    }
  }

  @Test func findsACommitByItsPlaceInItsJournal() throws {
    try append(1, 1)
    try append(2, 1)
    try append(1, 2)
    let found = try #require(try store.log.find(space: number, .of(1, 2)))
    #expect(found.position == Position(3))
    #expect(found.point == point(1, 2))
    #expect(found.entry.journalOrigin == .of(1, 2))
    let missing = try store.log.find(space: number, .of(1, 3))
    #expect(missing == nil)
    let unknown = try store.log.find(space: number, .of(9, 1))
    #expect(unknown == nil)
    let elsewhere = try store.log.find(space: number + 1, .of(1, 2))
    #expect(elsewhere == nil)
  }

  @Test func knowsHowFarAJournalGoes() throws {
    for sequence in 1...4 { try append(1, UInt64(sequence)) }
    let last = try store.journalPoint(space, .home(of: 1))
    #expect(last == point(1, 4))
    let middle = try store.log.journalPoint(space: number, replica: .home(of: 1), upTo: 2)
    #expect(middle == point(1, 2))
    let start = try store.log.journalPoint(space: number, replica: .home(of: 1), upTo: 0)
    #expect(start == .start)
    let other = try store.journalPoint(space, .home(of: 2))
    #expect(other == .start)
  }

  @Test func countsRefusalsInTheJournal() throws {
    try append(1, 1)
    let refused = EncodedCommit(Self.commit(1, 2)).withoutSealed
    try store.append(
      .refusal(.of(1, 2), refused, Refusal(.gone)), .refused(.of(1, 2)), point: point(1, 2),
      in: space)
    let last = try store.journalPoint(space, .home(of: 1))
    #expect(last == point(1, 2))
    let count = try store.database.first("SELECT COUNT(*) FROM remark") { $0.integer(0) }
    #expect(count == 1)
  }

  @Test func expandsToAVersionVector() throws {
    try append(1, 1)
    try append(2, 1)
    try append(1, 2)
    try append(3, 1, in: .numbered(2))
    let vector = try store.log.versionVector(space: number)
    #expect(vector[.home(of: 1)] == 2)
    #expect(vector[.home(of: 2)] == 1)
    #expect(vector[.home(of: 3)] == 0)
    let count = vector.entries.count
    #expect(count == 2)
  }

  @Test func tailsLeadToASignature() throws {
    for sequence in 1...5 { try append(1, UInt64(sequence)) }
    try append(2, 1)
    let early = try sign(1, upTo: 2)
    let late = try sign(1, upTo: 5)
    let other = try sign(2, upTo: 1)
    let entries = try store.log.entries(space: number, after: .zero, byteCountMax: 1 << 20)
    let all = try store.log.tails(space: number, of: entries)
    #expect(all.map(\.replica) == [.home(of: 1), .home(of: 2)])
    #expect(all.map(\.signature) == [late, other])
    #expect(all.map(\.contentHashes.count) == [0, 0])
    let two = try store.log.tails(space: number, of: Array(entries.prefix(2)))
    #expect(two.map(\.signature) == [early])
    let three = try store.log.tails(space: number, of: Array(entries.prefix(3)))
    #expect(three.map(\.signature) == [late])
    let hashes = (4...5).map { EncodedCommit(Self.commit(1, $0)).contentHash }
    #expect(three.first?.contentHashes == hashes)
  }

  @Test func pagesEndByBytesAndHoldAtLeastOneEntry() throws {
    for sequence in 1...5 { try append(1, UInt64(sequence)) }
    let one = try store.log.entries(space: number, after: .zero, byteCountMax: 1)
    #expect(one.map(\.journalOrigin) == [.of(1, 1)])
    let size = one[0].encoded.count
    let two = try store.log.entries(space: number, after: Position(2), byteCountMax: 2 * size)
    #expect(two.map(\.journalOrigin) == [.of(1, 3), .of(1, 4)])
    let none = try store.log.entries(space: number, after: Position(5), byteCountMax: 1000)
    #expect(none.isEmpty)
  }

  @Test func keepsTheHeadAtEveryPosition() throws {
    var heads = [try store.head(space).hash]
    for sequence in 1...3 {
      try append(1, UInt64(sequence))
      heads.append(try store.head(space).hash)
    }
    for (index, head) in heads.enumerated() {
      let kept = try store.log.headHash(space: number, at: Position(UInt64(index)))
      #expect(kept == head)
    }
    #expect(Set(heads).count == 4)
  }

  @Test func saysWhoWroteAReissue() throws {
    try append(1, 1)
    let position = try append(1, 2, reissueOf: .of(1, 1))
    let authorship = try store.log.authorship(space: number, at: position)
    #expect(authorship.origin == .of(1, 1))
    #expect(authorship.time == HybridTime(milliseconds: 2, counter: 1))
    #expect(throws: StateError.damaged) {
      try store.log.authorship(space: number, at: Position(9))
    }
  }
}

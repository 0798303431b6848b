import CBOR
import Merge
import Signing
import SyncProtocol
import Testing

struct CommitCodingTests {
  @Test(arguments: 0..<200) func aCommitComesBackFromItsBytes(seed: UInt64) throws {
    var generator = Generator(seed: seed)
    let commit = generator.commit()
    let encoded = EncodedCommit(commit)
    #expect(try encoded.decoded() == commit)
    #expect(try encoded.decodedHeader() == commit.header)
    let received = try EncodedCommit(decoding: encoded.encoded)
    #expect(received == encoded)
    #expect(try received.decoded() == commit)
  }

  @Test(arguments: 0..<100) func withoutItsSealedValuesItHashesTheSame(seed: UInt64) throws {
    var generator = Generator(seed: seed)
    let commit = generator.commit()
    let encoded = EncodedCommit(commit)
    let stripped = encoded.withoutSealed
    #expect(stripped.contentHash == encoded.contentHash)
    #expect(stripped.sealed == nil)
    let received = try EncodedCommit(decoding: stripped.encoded)
    #expect(received.contentHash == encoded.contentHash)
    let (whole, open) = (commit.changes, try received.decoded().changes)
    #expect(open.count == whole.count)
    for (write, original) in zip(open.flatMap(\.writes), whole.flatMap(\.writes)) {
      #expect(write.key == original.key)
      #expect(write.sealed == original.sealed)
      #expect(write.value == (original.sealed ? .null : original.value))
    }
  }

  @Test(arguments: 0..<20) func anyChangeOfAnyPartChangesTheHash(seed: UInt64) throws {
    var generator = Generator(seed: seed)
    let commit = generator.encodedCommit()
    let parts = [commit.header, commit.keys, commit.open, try #require(commit.sealed)]
    var hashes: Set<Digest> = [commit.contentHash]
    var count = 1
    for part in parts.indices {
      for index in parts[part].indices {
        var altered = parts
        altered[part][index] ^= 1
        hashes.insert(Self.commit(altered).contentHash)
        count += 1
      }
      var longer = parts
      longer[part].append(0)
      hashes.insert(Self.commit(longer).contentHash)
      count += 1
    }
    #expect(hashes.count == count)
  }

  @Test func bytesCannotMoveFromOnePartToTheNext() {
    let parts: [[UInt8]] = [[1, 2], [3, 4], [5, 6], [7, 8]]
    let moved: [[[UInt8]]] = [
      [[1], [2, 3, 4], [5, 6], [7, 8]], [[1, 2], [3], [4, 5, 6], [7, 8]],
      [[1, 2], [3, 4], [5], [6, 7, 8]], [[3, 4], [1, 2], [5, 6], [7, 8]],
      [[1, 2], [3, 4], [7, 8], [5, 6]],
    ]
    for other in moved {
      #expect(Self.commit(other).contentHash != Self.commit(parts).contentHash)
    }
  }

  private static func commit(_ parts: [[UInt8]]) -> EncodedCommit {
    EncodedCommit(header: parts[0], keys: parts[1], open: parts[2], sealed: parts[3])
  }

  // MARK: Where sealed values must be

  @Test func anAcceptedCommitComesWithItsSealedValues() throws {
    var generator = Generator(seed: 1)
    let (origin, commit) = (generator.origin(), generator.encodedCommit())
    let stripped = LogEntry.commit(origin, commit.withoutSealed).encoded
    #expect(throws: WireError.unexpected("sealed values")) { try LogEntry(decoding: stripped) }
    let refusal = LogEntry.refusal(origin, commit.withoutSealed, Refusal(.gone))
    #expect(try LogEntry(decoding: refusal.encoded) == refusal)
  }

  @Test func aPushedCommitComesWithItsSealedValues() {
    var generator = Generator(seed: 1)
    let segment = JournalSegment(
      replica: generator.id(), after: .start, commits: [generator.encodedCommit().withoutSealed],
      signature: generator.journalSignature())
    #expect(throws: WireError.unexpected("sealed values")) {
      try JournalSegment(decoding: segment.encoded)
    }
  }

  @Test func aSegmentIsNotEmpty() {
    var generator = Generator(seed: 1)
    let segment = JournalSegment(
      replica: generator.id(), after: .start, commits: [],
      signature: generator.journalSignature())
    #expect(throws: WireError.self) { try JournalSegment(decoding: segment.encoded) }
  }
}

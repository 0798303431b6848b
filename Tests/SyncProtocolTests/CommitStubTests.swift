import CBOR
import Merge
import Signing
import SyncProtocol
import Testing

/// What is left of a compacted commit takes its place in journals and logs.
struct CommitStubTests {
  @Test(arguments: 0..<100) func aStubStandsForItsCommit(seed: UInt64) throws {
    var generator = Generator(seed: seed)
    let commit = generator.commit()
    let encoded = EncodedCommit(commit)
    let stub = CommitStub(of: encoded)
    #expect(stub.contentHash == encoded.contentHash)
    let origin = generator.origin()
    let point = generator.journalPoint()
    #expect(
      LogEntry.stub(origin, stub).hash(at: point)
        == LogEntry.commit(origin, encoded).hash(at: point))
    let received = try CommitStub(decoding: stub.encoded).decoded()
    #expect(received.header == commit.header)
    #expect(received.changes.count == commit.changes.count)
    for (left, right) in zip(received.changes, commit.changes) {
      #expect(left.type == right.type && left.record == right.record)
      #expect(left.operation == right.operation)
      #expect(left.writes.map(\.key) == right.writes.map(\.key))
      #expect(left.writes.map(\.shown) == right.writes.map(\.shown))
      #expect(left.writes.allSatisfy { $0.value == .null })
    }
  }

  @Test(arguments: 0..<20) func anyChangeOfAnyPartChangesTheHash(seed: UInt64) throws {
    var generator = Generator(seed: seed)
    let stub = generator.commitStub()
    var writer = CBORWriter()
    writer.array(count: 3)
    writer.raw(stub.header)
    writer.raw(stub.keys)
    writer.octets(generator.octets() as Digest)
    #expect(try CommitStub(decoding: writer.bytes).contentHash != stub.contentHash)
    let other = generator.commitStub()
    #expect(other.contentHash != stub.contentHash)
  }

  /// The forms do not stand for one another: a commit may not come without its values, a stub not
  /// with them, and neither in a push.
  @Test func theFormsAreKeptApart() throws {
    var generator = Generator(seed: 1)
    let commit = generator.encodedCommit()
    let origin = generator.origin()
    let bodies = [
      commit.encoded, commit.withoutSealed.encoded, CommitStub(of: commit).encoded,
    ]
    let allowed: [UInt64: Set<Int>] = [0: [0], 5: [2]]
    for code in allowed.keys.sorted() {
      for (index, body) in bodies.enumerated() {
        var writer = CBORWriter()
        writer.array(count: 3)
        writer.unsigned(code)
        writer.bytes(origin.packed)
        writer.raw(body)
        if allowed[code]?.contains(index) == true {
          #expect(try LogEntry(decoding: writer.bytes).encoded == writer.bytes)
        } else {
          #expect(throws: WireError.self) { try LogEntry(decoding: writer.bytes) }
        }
      }
    }
    #expect(throws: WireError.self) { try EncodedCommit(decoding: bodies[2]) }
    #expect(throws: WireError.self) { try CommitStub(decoding: bodies[0]) }
    #expect(throws: WireError.self) { try CommitStub(decoding: bodies[1]) }
  }

  /// A page of stubs verifies as the page of commits did.
  @Test func aPageWithStubsVerifies() throws {
    let log = TestLog()
    let page = log.page()
    var count = 0
    let stubbed = page.entries.map { entry -> LogEntry in
      guard case .commit(let origin, let commit) = entry else { return entry }
      count += 1
      return .stub(origin, CommitStub(of: commit))
    }
    #expect(count > 1)
    #expect(try log.verify(log.page(stubbed)) == log.verify(page))
    var generator = Generator(seed: 5)
    let foreign = stubbed.map { entry -> LogEntry in
      guard case .stub(let origin, _) = entry else { return entry }
      return .stub(origin, generator.commitStub())
    }
    #expect(throws: PageError.self) { try log.verify(log.page(foreign)) }
  }

  @Test func aPullWithoutAHomeIsTheOlderForm() throws {
    var generator = Generator(seed: 3)
    let pull = PullRequest(
      space: generator.id(), incarnation: 0, after: .zero, byteCountMax: 9, home: nil)
    var reader = CBORReader(pull.encoded, limits: CBORLimits(byteCountMax: 1000))
    #expect(try reader.array() == 4)
    #expect(try PullRequest(decoding: pull.encoded).home == nil)
  }
}

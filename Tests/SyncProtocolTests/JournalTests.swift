import Merge
import Signing
import SyncProtocol
import Testing

struct JournalTests {
  private let space: SpaceID
  private let seen: SeenHeads
  private let device = TestDevice(1)
  private let commits: [EncodedCommit]

  init() {
    var generator = Generator(seed: 1)
    space = generator.id()
    seen = generator.seenHeads()
    commits = (0..<4).map { _ in generator.encodedCommit() }
  }

  private func segment(
    after: JournalPoint = .start, key: SigningKey? = nil
  ) -> JournalSegment {
    let unsigned = { (signature: JournalSignature) in
      JournalSegment(
        replica: device.replica, after: after, commits: commits, signature: signature)
    }
    var point = after
    for commit in commits {
      point = point.next(space, device.replica, content: commit.contentHash)
    }
    return unsigned(
      JournalSignature(
        space: space, replica: device.replica, point: point, seen: seen,
        key: key ?? device.identity))
  }

  private func covers(
    _ segment: JournalSegment, in other: SpaceID? = nil, replica: ReplicaID? = nil
  ) -> Bool {
    guard let last = segment.points(in: other ?? space).last else { return false }
    return segment.signature.covers(
      last, space: other ?? space, replica: replica ?? segment.replica,
      key: device.identity.publicKey)
  }

  @Test func oneSignatureCoversTheWholeSegment() {
    let segment = segment()
    #expect(segment.points(in: space).map(\.sequence) == [1, 2, 3, 4])
    #expect(covers(segment))
  }

  @Test func aSegmentFollowsTheOneBefore() {
    let first = segment()
    guard let last = first.points(in: space).last else { return }
    let second = segment(after: last)
    #expect(second.points(in: space).map(\.sequence) == [5, 6, 7, 8])
    #expect(covers(second))
    // The same commits behind another past are another journal.
    #expect(!covers(segment(after: last).replacing(after: .start)))
  }

  @Test func everyCommitIsCovered() {
    var generator = Generator(seed: 2)
    let segment = segment()
    for index in commits.indices {
      var altered = commits
      altered[index] = generator.encodedCommit()
      #expect(!covers(segment.replacing(commits: altered)))
      var fewer = commits
      fewer.remove(at: index)
      #expect(!covers(segment.replacing(commits: fewer)))
    }
    #expect(!covers(segment.replacing(commits: commits.reversed())))
    #expect(!covers(segment.replacing(commits: commits + [generator.encodedCommit()])))
  }

  @Test func sealedValuesMayBeLeftOutButNotExchanged() {
    let segment = segment()
    #expect(covers(segment.replacing(commits: commits.map(\.withoutSealed))))
  }

  @Test func aSignatureIsOfOneSpaceReplicaAndKey() {
    var generator = Generator(seed: 3)
    let segment = segment()
    #expect(!covers(segment, in: generator.id()))
    let copy = ReplicaID(device: device.id, home: 2)
    #expect(!covers(segment, replica: copy))
    #expect(!covers(self.segment(key: TestDevice(2).identity)))
  }

  /// Points are bound to their space and journal already; the signature says it again.
  @Test func aSignatureOfTheSamePointIsNotGoodElsewhere() {
    var generator = Generator(seed: 3)
    let segment = segment()
    guard let last = segment.points(in: space).last else { return }
    let (elsewhere, replica): (SpaceID, ReplicaID) = (generator.id(), generator.id())
    let key = device.identity.publicKey
    let signature = segment.signature
    #expect(signature.covers(last, space: space, replica: device.replica, key: key))
    #expect(!signature.covers(last, space: elsewhere, replica: device.replica, key: key))
    #expect(!signature.covers(last, space: space, replica: replica, key: key))
  }

  @Test func whatTheAuthorHadSeenIsSigned() {
    var generator = Generator(seed: 4)
    let segment = segment()
    guard let last = segment.points(in: space).last else { return }
    let other = JournalSignature(
      space: space, replica: device.replica, point: last, seen: generator.seenHeads(),
      key: device.identity)
    #expect(other.signature != segment.signature.signature)
  }

  @Test func aSignatureCoversItsSequenceOnly() {
    let segment = segment()
    let points = segment.points(in: space)
    for point in points.dropLast() {
      let isCovered = segment.signature.covers(
        point, space: space, replica: device.replica, key: device.identity.publicKey)
      #expect(!isCovered)
    }
  }

  @Test func pointsDifferBySpaceReplicaPlaceAndContent() {
    var generator = Generator(seed: 5)
    let (content, other): (Digest, Digest) = (generator.octets(), generator.octets())
    let (elsewhere, replica): (SpaceID, ReplicaID) = (generator.id(), generator.id())
    let start = JournalPoint.start
    let later = JournalPoint(sequence: 1, hash: start.hash)
    let hashes: Set<Digest> = [
      start.next(space, device.replica, content: content).hash,
      start.next(space, device.replica, content: other).hash,
      start.next(elsewhere, device.replica, content: content).hash,
      start.next(space, replica, content: content).hash,
      later.next(space, device.replica, content: content).hash,
    ]
    #expect(hashes.count == 5)
  }
}

extension JournalSegment {
  fileprivate func replacing(
    after: JournalPoint? = nil, commits: [EncodedCommit]? = nil
  ) -> JournalSegment {
    JournalSegment(
      replica: replica, after: after ?? self.after, commits: commits ?? self.commits,
      signature: signature)
  }
}

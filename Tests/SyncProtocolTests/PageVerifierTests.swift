import Merge
import Signing
import SyncProtocol
import Testing

struct PageVerifierTests {
  private let log = TestLog()

  private var entries: [LogEntry] { log.page().entries }

  private func refuses(_ error: PageError, _ page: LogPage, from: LogHead? = nil) {
    #expect(throws: error) { try log.verify(page, from: from) }
  }

  // MARK: What is as it was signed

  @Test func aTruePagePasses() throws {
    let page = log.page()
    let points = try log.verify(page)
    let commits = page.entries.indices.filter { page.entries[$0].commit != nil }
    #expect(points.keys.sorted() == commits)
    for (index, point) in points {
      guard let origin = page.entries[index].journalOrigin else { continue }
      #expect(point == log.point(origin.replica, Int(origin.sequence)))
    }
    // As received, it passes as well.
    #expect(try log.verify(LogPage(decoding: page.encoded)) == points)
  }

  @Test func anEmptyPageAtTheHeadPasses() throws {
    let page = LogPage(
      after: Position(UInt64(log.known)), entries: [], tails: [],
      head: SignedLogHead(
        head: log.readersHead, timeMilliseconds: 1, key: TestLog.logKey),
      last: Position(UInt64(log.known)))
    #expect(try log.verify(page).isEmpty)
  }

  @Test func tailsOfOtherJournalsDoNotMatter() throws {
    var generator = Generator(seed: 3)
    let more = LogPage.JournalTail(
      replica: generator.id(), contentHashes: [], signature: generator.journalSignature())
    let tails = log.page().tails
    #expect(throws: Never.self) { try log.verify(log.page(tails: [more] + tails)) }
  }

  // MARK: Another place

  @Test func aPageOfAnotherSpace() {
    var generator = Generator(seed: 3)
    let (space, truth): (SpaceID, LogHead) = (generator.id(), log.page().head.head)
    let head = LogHead(
      space: space, incarnation: 0, position: truth.position, hash: truth.hash)
    refuses(.wrongSpace, log.page().with(head))
  }

  @Test func aPageOfAnotherIncarnation() {
    let truth = log.page().head.head
    let head = LogHead(
      space: truth.space, incarnation: 1, position: truth.position, hash: truth.hash)
    refuses(.wrongIncarnation, log.page().with(head))
  }

  @Test(arguments: [0, 3, 5, 100] as [UInt64]) func aPageFromAnotherPlace(after: UInt64) {
    refuses(.wrongPlace, log.page(after: after))
  }

  @Test func aPageForAReaderWithAnotherPast() {
    let other = LogHead(
      space: TestLog.space, incarnation: 0, position: Position(UInt64(log.known)), hash: .zero)
    refuses(.headMismatch, log.page(), from: other)
  }

  @Test func aHeadSignedByAnotherKey() {
    let page = log.page()
    for key in [TestLog.identity, Generator.keys[2], log.devices[0].identity] {
      refuses(.headSignature, page.with(page.head.head, key: key))
    }
  }

  @Test func aHeadWithAnotherTime() throws {
    let page = log.page()
    let other = SignedLogHead(
      head: page.head.head, timeMilliseconds: page.head.timeMilliseconds + 1, key: TestLog.logKey)
    #expect(other.isSigned(by: TestLog.logKey.publicKey))
    // The time is the last number before the signature: 66 bytes from the end.
    var bytes = page.head.encoded
    bytes[bytes.count - 67] ^= 1
    let altered = try SignedLogHead(decoding: bytes)
    #expect(altered.timeMilliseconds != page.head.timeMilliseconds)
    #expect(!altered.isSigned(by: TestLog.logKey.publicKey))
  }

  // MARK: Altered on the way: the head tells

  @Test func anEntryLeftOutAddedTwiceOrMoved() {
    for index in entries.indices {
      let isCommit = entries[index].commit != nil
      var fewer = entries
      fewer.remove(at: index)
      #expect(throws: PageError.self) { try log.verify(log.page(fewer)) }
      var more = entries
      more.insert(entries[index], at: index)
      refuses(isCommit ? .journalGap : .headMismatch, log.page(more))
    }
    for index in entries.indices.dropLast() {
      var moved = entries
      moved.swapAt(index, index + 1)
      refuses(.headMismatch, log.page(moved))
    }
    refuses(.headMismatch, log.page(Array(entries.dropLast())))
    refuses(.headMismatch, log.page(entries + [.time(3)]))
    refuses(.headMismatch, log.page([.time(3)] + entries))
    refuses(.headMismatch, log.page([]))
  }

  @Test func anEntryChanged() {
    var generator = Generator(seed: 8)
    for index in entries.indices {
      var altered = entries
      altered[index] = entries[index].changed(&generator)
      refuses(.headMismatch, log.page(altered))
    }
  }

  @Test func aVerdictTurnedAround() {
    for index in entries.indices {
      var altered = entries
      switch entries[index] {
      case .commit(let origin, let commit):
        altered[index] = .refusal(origin, commit.withoutSealed, Refusal(.gone))
      case .refusal(let origin, let commit, _): altered[index] = .commit(origin, commit)
      default: continue
      }
      refuses(.headMismatch, log.page(altered))
    }
  }

  @Test func aRefusalForAnotherReason() {
    for index in entries.indices {
      guard case .refusal(let origin, let commit, let reason) = entries[index] else { continue }
      for other in [Refusal(.ended, reason.details), Refusal(reason.code, ["ticket"])] {
        var altered = entries
        altered[index] = .refusal(origin, commit, other)
        refuses(.headMismatch, log.page(altered))
      }
    }
  }

  // MARK: Altered by the server itself: the journals tell

  @Test func aCommitThatItsAuthorDidNotWrite() {
    var generator = Generator(seed: 8)
    for index in entries.indices where entries[index].commit != nil {
      var altered = entries
      altered[index] = entries[index].changed(&generator)
      refuses(.journalSignature, log.page(altered, resigned: true))
    }
  }

  @Test func aCommitLeftOut() {
    for index in entries.indices {
      guard let origin = entries[index].journalOrigin else { continue }
      var fewer = entries
      fewer.remove(at: index)
      let rest = fewer.filter { $0.journalOrigin?.replica == origin.replica }
      // Between two others it leaves a gap; at the end its hash is missing from the tail.
      let isLast = rest.allSatisfy { $0.journalOrigin!.sequence < origin.sequence }
      if isLast && rest.isEmpty { continue }
      refuses(
        isLast ? .journalSignature : .journalGap, log.page(fewer, resigned: true))
    }
  }

  @Test func commitsOfOneJournalInAnotherOrder() {
    let own = entries.indices.filter {
      entries[$0].journalOrigin?.replica == log.devices[0].replica
    }
    var moved = entries
    moved.swapAt(own[0], own[1])
    refuses(.journalGap, log.page(moved, resigned: true))
  }

  @Test func aCommitTwice() {
    let index = entries.firstIndex { $0.commit != nil } ?? 0
    refuses(
      .journalGap, log.page(entries + [entries[index]], resigned: true))
  }

  @Test func aCommitThatWasPutIn() {
    var generator = Generator(seed: 8)
    let replica = log.devices[1].replica
    let next = UInt64(log.journals[replica]?.count ?? 0) + 1
    let forged = LogEntry.commit(
      Origin(replica: replica, sequence: next), generator.encodedCommit())
    refuses(.journalSignature, log.page(entries + [forged], resigned: true))
    let later = LogEntry.commit(
      Origin(replica: replica, sequence: next + 1), generator.encodedCommit())
    refuses(.journalGap, log.page(entries + [later], resigned: true))
  }

  @Test func aCommitOfADeviceThatNobodyKnows() {
    var generator = Generator(seed: 8)
    let stranger = TestDevice(77)
    let commit = generator.encodedCommit()
    let point = JournalPoint.start.next(
      TestLog.space, stranger.replica, content: commit.contentHash)
    let tail = LogPage.JournalTail(
      replica: stranger.replica, contentHashes: [],
      signature: JournalSignature(
        space: TestLog.space, replica: stranger.replica, point: point,
        seen: generator.seenHeads(), key: stranger.identity))
    let entry = LogEntry.commit(Origin(replica: stranger.replica, sequence: 1), commit)
    let page = log.page(entries + [entry], tails: log.page().tails + [tail], resigned: true)
    refuses(.authorUnknown, page)
  }

  // MARK: Tails

  @Test func aTailThatIsMissing() {
    for index in log.page().tails.indices {
      var tails = log.page().tails
      tails.remove(at: index)
      refuses(.journalSignature, log.page(tails: tails))
    }
    refuses(.journalSignature, log.page(tails: []))
  }

  @Test func aTailOfAnotherJournal() {
    let (a, b) = (log.devices[0].replica, log.devices[1].replica)
    let others = log.page().tails.filter { $0.replica != a }
    let foreign = LogPage.JournalTail(
      replica: a, contentHashes: log.tail(b).contentHashes, signature: log.signature(b))
    refuses(.journalSignature, log.page(tails: others + [foreign]))
  }

  @Test func aTailThatIsTooShortOrTooLong() {
    let a = log.devices[0].replica
    let tail = log.tail(a)
    #expect(tail.contentHashes.count == 1)
    let others = log.page().tails.filter { $0.replica != a }
    for hashes in [[], [.zero], tail.contentHashes + [.zero]] as [[Digest]] {
      let other = LogPage.JournalTail(
        replica: a, contentHashes: hashes, signature: tail.signature)
      refuses(.journalSignature, log.page(tails: others + [other]))
    }
  }

  @Test func aTailSignedByAnotherDevice() {
    for replica in log.journals.keys.sorted() {
      let others = log.page().tails.filter { $0.replica != replica }
      let forged = log.tail(replica, key: Generator.keys[3])
      refuses(.journalSignature, log.page(tails: others + [forged]))
    }
    // Nor may the server sign for a device.
    let a = log.devices[0].replica
    let others = log.page().tails.filter { $0.replica != a }
    let byServer = log.tail(a, key: TestLog.logKey)
    refuses(.journalSignature, log.page(tails: others + [byServer]))
  }
}

extension LogPage {
  /// The page under another head.
  fileprivate func with(_ head: LogHead, key: SigningKey = TestLog.logKey) -> LogPage {
    LogPage(
      after: after, entries: entries, tails: tails,
      head: SignedLogHead(
        head: head, timeMilliseconds: self.head.timeMilliseconds, key: key),
      last: last)
  }
}

extension LogEntry {
  /// Another entry of the same kind in the same place of the same journal.
  fileprivate func changed(_ generator: inout Generator) -> LogEntry {
    switch self {
    case .commit(let origin, _): .commit(origin, generator.encodedCommit())
    case .refusal(let origin, _, let refusal):
      .refusal(origin, generator.encodedCommit().withoutSealed, refusal)
    case .stub(let origin, _): .stub(origin, CommitStub(of: generator.encodedCommit()))
    case .statement: .statement(generator.signedStatement())
    case .authority: .authority(generator.authority())
    case .time(let milliseconds): .time(milliseconds + 1)
    case .incarnation(let number): .incarnation(number + 1)
    case .recovered(let place, let lost): .recovered(place, lost.changed(&generator))
    case .recoveredAlready(let place, let known): .recoveredAlready(place, at: known.next)
    }
  }
}

import CBOR
import Merge
import Signing
import SyncProtocol

extension Generator {
  mutating func commit() -> Commit {
    let header = CommitHeader(
      time: HybridTime(rawValue: number(below: 63)),
      context: Context(incarnation: incarnation(), position: position()),
      origin: maybe { $0.origin() })
    return Commit(header: header, changes: [change()] + many(5) { $0.change() })
  }

  private mutating func change() -> RecordChange {
    let operation = random.pick(RecordChange.Operation.allCases)
    var writes: [String: FieldWrite] = [:]
    if operation != .delete {
      for _ in 0..<count(5) {
        let write = write()
        writes[write.key] = write
      }
    }
    return RecordChange(
      type: random.pick(["note", "ticket", "file"]), record: id(), operation: operation,
      writes: writes.values.sorted { $0.key < $1.key })
  }

  private mutating func write() -> FieldWrite {
    let key = random.pick(["title", "status", "labels/urgent", "labels/ä", "at", "body"])
    switch count(3) {
    case 0: return FieldWrite(key: key, value: .bytes(bytes(80)), sealed: true)
    case 1: return FieldWrite(key: key, value: value(), shown: many(3) { $0.origin() })
    default: return FieldWrite(key: key, value: value())
    }
  }

  mutating func encodedCommit() -> EncodedCommit { EncodedCommit(commit()) }

  mutating func commitStub() -> CommitStub { CommitStub(of: encodedCommit()) }

  mutating func journalPoint() -> JournalPoint {
    JournalPoint(sequence: sequence(), hash: octets())
  }

  mutating func seenHeads() -> SeenHeads {
    SeenHeads(
      account: chainPoint(), incarnation: incarnation(), position: position(), head: octets(),
      schema: octets())
  }

  mutating func journalSignature() -> JournalSignature {
    JournalSignature(
      space: id(), replica: id(), point: journalPoint(), seen: seenHeads(), key: key())
  }

  mutating func journalSegment() -> JournalSegment {
    JournalSegment(
      replica: id(), after: journalPoint(),
      commits: [encodedCommit()] + many(2) { $0.encodedCommit() }, signature: journalSignature())
  }

  mutating func refusal() -> Refusal {
    Refusal(random.pick(Refusal.Code.allCases), many(3) { $0.text(64) })
  }

  mutating func logEntry() -> LogEntry {
    switch count(9) {
    case 6: .incarnation(number(below: 63))
    case 7: .recovered(LogPlace(incarnation: number(below: 63), position: position()), logEntry())
    case 8:
      .recoveredAlready(
        LogPlace(incarnation: number(below: 63), position: position()), at: position())
    case 0: .commit(origin(), encodedCommit())
    case 1: .refusal(origin(), encodedCommit().withoutSealed, refusal())
    case 2: .statement(signedStatement())
    case 3: .authority(authority())
    case 4: .stub(origin(), commitStub())
    default: .time(milliseconds())
    }
  }

  mutating func authority() -> AuthorityReference {
    random.oneIn(2)
      ? .chain(chainReference(), chainPoint()) : .consent(id(), position(), octets())
  }

  mutating func logHead() -> SignedLogHead {
    SignedLogHead(
      head: LogHead(
        space: id(), incarnation: incarnation(), position: position(), hash: octets()),
      timeMilliseconds: milliseconds(), key: key())
  }

  mutating func logPage() -> LogPage {
    LogPage(
      after: position(), entries: many(3) { $0.logEntry() },
      tails: many(2) { generator in
        LogPage.JournalTail(
          replica: generator.id(), contentHashes: generator.many(3) { $0.octets() },
          signature: generator.journalSignature())
      },
      head: logHead(), last: position())
  }
}

import Merge
import Signing
import SpaceStore
import SyncProtocol

/// A page of a log: checked, applied and the place in the log moved in one transaction.
extension Replica {
  /// How many other histories a page's entries may ask for, each once: what is missing afterwards is
  /// not to be had.
  private static var fetchedCountMax: Int { 64 }

  /// Without ids, so that evidence of one kind is known as such.
  private static func word(_ error: FactError) -> String {
    switch error {
    case .missing: "names what is not there"
    case .contradiction: "contradiction"
    case .invalid: "invalid"
    }
  }

  /// Checks a page and applies it, fetching first what its entries rest on.
  func take(
    _ page: LogPage, from head: LogHead, _ connection: Connection, _ report: inout SyncReport,
    depth: Int
  ) throws {
    do {
      try fetchChains(named: page, connection)
    } catch let error as ReplicaError {
      if case .dishonest = error {
        try keepEvidence(
          shownPage(page, from: head), kind: "entry: names what is not there", space: head.space)
      }
      throw error
    }
    var fetched: Set<MissingAuthority> = []
    while true {
      do {
        let unfounded = try transaction {
          let unfounded = try apply(page, from: head, fetched: fetched)
          try keepProof(of: page)
          return unfounded
        }
        try tell(unfounded, &report)
        report.pulledCount += page.entries.count
        return
      } catch FactError.missing(let missing)
        where fetched.count < Self.fetchedCountMax && !fetched.contains(missing)
      {
        fetched.insert(missing)
        switch missing {
        case .chain(let chain): try fetchChain(chain, connection)
        case .space(let space): try pull(space, connection, &report, depth: depth + 1)
        }
      } catch is PageError where !connection.hasCompared {
        try compareLogs(connection, &report)
        if try store.head(head.space) != head { return }
      } catch let error as PageError {
        try refuse(page, from: head, error)
      } catch let error as FactError {
        try keepEvidence(
          shownPage(page, from: head), kind: "entry: \(Self.word(error))", space: head.space)
        throw ReplicaError.dishonest("an entry of a log does not verify (\(Self.word(error)))")
      } catch let error as Contradiction {
        try keepEvidence(error.shown, kind: error.kind, space: head.space)
        try markForked(head.space)
        throw ReplicaError.dishonest("the server shows different people different histories")
      } catch let error as NotAcceptable {
        try keepEvidence(
          shownPage(page, from: head), kind: "accepted: \(error.refusal.code)", space: head.space)
        throw ReplicaError.dishonest(
          "the server accepted what it should not have: \(error.refusal.explanation)")
      }
    }
  }

  /// The server accepted what the log before it does not allow.
  private struct NotAcceptable: Error {
    let refusal: Refusal
  }

  /// - Returns: refusals in the page for which there is no reason. They stand all the same.
  private func apply(
    _ page: LogPage, from head: LogHead, fetched: Set<MissingAuthority>
  ) throws -> [UnfoundedRefusal] {
    let verifier = PageVerifier(server: identity.certificate)
    let points = try verifier.verify(
      page, from: head, ground: PageHome(replica: self, space: head.space))
    let views = try views(in: page, points: points)
    try compareAccounts(views, fetched: fetched)
    let resolver = FactResolver(space: head.space, source: chains)
    let number = try store.number(of: head.space)
    // What vouches for the commits stays with them, for whoever checks the home later.
    for tail in page.tails {
      try store.log.keep(tail.signature, space: number, replica: tail.replica)
    }
    var rows: [RowKey] = []
    var unfounded: [UnfoundedRefusal] = []
    for (index, entry) in page.entries.enumerated() {
      let point = points[index]
      let fact = try resolver.fact(entry)
      if case .refused(let refusal) = try store.judge(fact, in: head.space) {
        throw NotAcceptable(refusal: refusal)
      }
      try noteRound(fact, in: head.space)
      let doubt = try doubt(about: entry, point, space: head.space, number: number)
      rows += try append(entry, fact, point, head.space, number)
      guard let doubt else { continue }
      unfounded.append(doubt)
      try keepEvidence(shownPage(page, from: head), kind: doubt.evidenceKind, space: head.space)
      try mark(doubt, number: number)
    }
    try compareHeads(views, page.head, number: number)
    try noteFreshness(views, in: head.space)
    try noteLogTime(store.state(head.space).timeMilliseconds)
    // Somebody else who has seen this history: it is not one that was made up for this device.
    if views.contains(where: { $0.replica.device != identity.device }) {
      try unmarkForked(number: number)
    }
    try settings.set(.clock, number: clock.last.rawValue)
    try rebuild(rows)
    try leaveCopiedJournal(of: head.space, number: number)
    return unfounded
  }

  /// - Returns: rows that have to be made anew.
  private func append(
    _ entry: LogEntry, _ fact: LogFact, _ point: JournalPoint?, _ space: SpaceID, _ number: Int64
  ) throws -> [RowKey] {
    let appended = try store.append(entry, fact, point: point, in: space)
    try eraseWraps(deletedBy: fact, in: space, number: number)
    switch fact.content {
    case .commit(let commit, _), .stub(let commit, _): try observe(commit.header.time)
    default: break
    }
    guard let point else { return appended.covered }
    return try appended.covered + settleOwn(entry, point, space, number)
  }

  private func observe(_ time: HybridTime) throws {
    clock.observe(time, nowMilliseconds: try nowMilliseconds)
  }

  /// An own commit that came back leaves the outbox. A refusal that is learned from the log is as
  /// good as the server's answer, which may have been lost.
  private func settleOwn(
    _ entry: LogEntry, _ point: JournalPoint, _ space: SpaceID, _ number: Int64
  ) throws -> [RowKey] {
    guard let origin = entry.journalOrigin,
      try origin.replica == journalReplica(space: number), try isOwn(point, space: number)
    else { return [] }
    switch entry.content {
    case .commit, .stub: return try settle(space: number, sequence: origin.sequence)
    case .refusal(_, _, let refusal):
      try takeRefusal(refusal, space: space, number: number, sequence: origin.sequence)
      return []
    default: return []
    }
  }
}

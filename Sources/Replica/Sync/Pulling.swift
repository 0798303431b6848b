import Merge
import Signing
import SpaceStore
import SyncProtocol

extension Replica {
  private static var pageByteCountMax: UInt64 { 1 << 20 }

  /// Takes in what moved for the account since the last time.
  func pullAll(_ connection: Connection, _ report: inout SyncReport) throws {
    let feed = try connection.call(
      Path.feed, FeedRequest(after: try settings.number(.feed) ?? 0), FeedResponse.self)
    if feed.position < (try settings.number(.feed) ?? 0) {
      // The server has forgotten what it told: the next round asks from the beginning.
      try compareLogs(connection, &report)
      return try settings.set(.feed, number: 0)
    }
    var isComplete = true
    let moved = feed.moved.sorted(by: Self.isSooner).map(\.space)
    // A space with two histories is looked at each time, whatever the feed says.
    let others = try forkedSpaces().filter { !moved.contains($0) }
    for space in moved + others {
      do {
        if try hasLeft(space), try !comeBack(to: space, connection) { continue }
        try pull(space, connection, &report)
        report.unpulled.remove(space)
      } catch let error as ReplicaError {
        isComplete = false
        report.unpulled.insert(space)
        try report.keep(error, while: "receiving")
      }
    }
    try leaveEnded(&report)
    // What failed, or is withheld, is asked for again.
    if isComplete, try compareHandedHeads(&report) {
      try settings.set(.feed, number: feed.position)
    }
  }

  /// Assignments first: engagements rest on what they say.
  private static func isSooner(_ left: MovedSpace, _ right: MovedSpace) -> Bool {
    let rank = { (moved: MovedSpace) in moved.kind == .assignment ? 0 : 1 }
    return (rank(left), left.space) < (rank(right), right.space)
  }

  /// How many spaces may rest on one another: an engagement rests on its assignment, which rests on
  /// none. Without an end a server that names one space in another would exhaust the stack.
  private static var restingDepthMax: Int { 4 }

  /// Pulls a space up to its head.
  ///
  /// - Parameter depth: how many spaces that are being pulled rest on this one.
  func pull(
    _ space: SpaceID, _ connection: Connection, _ report: inout SyncReport, depth: Int = 0
  ) throws {
    guard depth < Self.restingDepthMax else {
      throw ReplicaError.dishonest("spaces rest on each other")
    }
    while true {
      let head = try store.head(space)
      guard let page = try page(from: head, connection, &report) else { continue }
      if page.entries.isEmpty {
        guard try isEnd(page, head, connection, &report) else { continue }
      } else {
        try take(page, from: head, connection, &report, depth: depth)
        try eraseBlobs(after: page, in: space)
        // Set back to where a restored server's log parts from this one: asked for again from there.
        guard try store.head(space) == page.head.head else { continue }
      }
      if page.entries.isEmpty || page.head.head.position >= page.last {
        try settleHeldUp(space, &report)
        return try checkCompleteness(at: page.head)
      }
    }
  }

  /// - Returns: `nil` where the logs were compared first: a restored server's log is not the one any more
  ///   that this device knows.
  private func page(
    from head: LogHead, _ connection: Connection, _ report: inout SyncReport
  ) throws -> LogPage? {
    do {
      return try connection.call(
        Path.pull,
        PullRequest(
          space: head.space, incarnation: head.incarnation, after: head.position,
          byteCountMax: Self.pageByteCountMax,
          home: try journalReplica(space: store.number(of: head.space)).home),
        LogPage.self)
    } catch ReplicaError.server(let code) where code == .notFound || code == .notAllowed {
      if try compareOnce(connection, &report) { return nil }
      try checkDenied(code, head)
      throw ReplicaError.server(code)
    }
  }

  /// A log that was shown up to here is there up to here, and its members may read it that far. Where it
  /// was left, nobody compares what a restored server has of it.
  private func checkDenied(_ code: ErrorCode, _ head: LogHead) throws {
    guard head.position > .zero, try !hasLeft(head.space),
      let signed = try signedHead(number: store.number(of: head.space))
    else { return }
    let isMember = try store.state(head.space).members[identity.account] != nil
    guard code == .notFound || isMember else { return }
    try keepEvidence(.other(signed.encoded), kind: "withheld: \(code)", space: head.space)
    throw ReplicaError.dishonest(
      code == .notFound
        ? "the server says that it has less of a space than it has shown"
        : "the server says that a space is not yours to read, and its log says that it is")
  }

  /// Compares the logs, once in a sync.
  ///
  /// - Returns: whether it did now.
  func compareOnce(_ connection: Connection, _ report: inout SyncReport) throws -> Bool {
    if connection.hasCompared { return false }
    try compareLogs(connection, &report)
    return true
  }

  /// Nothing new is a statement too: that the log ends where this device's does.
  ///
  /// - Returns: `false` where the logs were compared, and it has to be asked again.
  private func isEnd(
    _ page: LogPage, _ head: LogHead, _ connection: Connection, _ report: inout SyncReport
  ) throws -> Bool {
    do {
      _ = try PageVerifier(server: identity.certificate).verify(
        page, from: head, ground: Ground(replica: self, space: head.space))
      return true
    } catch let error as PageError {
      let signed = try signedHead(number: store.number(of: head.space))
      if error == .headMismatch, let signed, signed.head == head {
        try keepEvidence(.heads(signed, page.head), kind: "fork: two heads", space: head.space)
        try markForked(head.space)
        throw ReplicaError.dishonest("the server shows two histories of a space")
      }
      if try compareOnce(connection, &report) { return false }
      try refuse(page, from: head, error)
    }
  }

  private func refuse(_ page: LogPage, from head: LogHead, _ error: PageError) throws -> Never {
    try keepEvidence(shownPage(page, from: head), kind: "page: \(error)", space: head.space)
    throw ReplicaError.dishonest("a page of a log does not verify (\(error))")
  }

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
  private func take(
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
      page, from: head, ground: Ground(replica: self, space: head.space))
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
      let fact = try resolver.fact(entry)
      if case .refused(let refusal) = try store.judge(fact, in: head.space) {
        throw NotAcceptable(refusal: refusal)
      }
      let doubt = try doubt(about: entry, points[index], space: head.space, number: number)
      let appended = try store.append(entry, fact, point: points[index], in: head.space)
      rows += appended.covered
      try eraseWraps(deletedBy: fact, in: head.space, number: number)
      switch fact.content {
      case .commit(let commit, _), .stub(let commit, _): try observe(commit.header.time)
      default: break
      }
      if let point = points[index] { rows += try settleOwn(entry, point, head.space, number) }
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

  private struct Ground: PageGround {
    let replica: Replica
    let space: SpaceID

    func journalPoint(_ journal: ReplicaID) throws -> JournalPoint {
      try replica.store.journalPoint(space, journal)
    }

    func identityKey(_ device: DeviceID) throws -> SigningPublicKey? {
      try replica.chains.device(device)?.certificate.identity
    }
  }

  // MARK: Chains

  /// Fetches the chains that a page's entries name and this device does not have that far.
  private func fetchChains(named page: LogPage, _ connection: Connection) throws {
    for entry in page.entries {
      switch entry.content {
      case .authority(.chain(let chain, let point)) where try chains.length(chain) <= point.index:
        try fetchChain(chain, connection)
      case .statement(let signed):
        guard let account = signed.statement.account else { continue }
        if try chains.accountChain(account) == nil {
          try fetchChain(.account(account), connection)
        }
      default: continue
      }
    }
  }

  /// Fetches what is new of a chain, and of those that its statements rest on.
  func fetchChain(_ chain: ChainReference, _ connection: Connection, depth: Int = 0) throws {
    guard depth < 8 else { throw ReplicaError.dishonest("chains rest on each other") }
    let found = try connection.chainPart(chain, from: chains.length(chain))
    for _ in 0..<256 {
      do {
        return try transaction {
          try chains.append(found, server: identity.certificate)
          try settleFork(chain)
        }
      } catch FactError.missing(.chain(let other)) {
        try fetchChain(other, connection, depth: depth + 1)
      } catch let fork as ChainStore.Fork {
        let known = try chains.signedHead(chain)
        try keepEvidence(.chain(known, found), kind: "chain: \(fork.what)", space: nil)
        if try meetFork(chain, connection) { return }
        throw ReplicaError.dishonest(fork.what)
      } catch ReplicaError.dishonest(let what) {
        let known = try chains.signedHead(chain)
        try keepEvidence(.chain(known, found), kind: "chain: \(what)", space: nil)
        throw ReplicaError.dishonest(what)
      }
    }
    throw ReplicaError.dishonest("chains rest on each other")
  }
}

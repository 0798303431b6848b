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
    for moved in feed.moved.sorted(by: Self.isSooner) where try !hasLeft(moved.space) {
      do {
        try pull(moved.space, connection, &report)
      } catch let error as ReplicaError {
        isComplete = false
        try report.keep(error, while: "receiving")
      }
    }
    try leaveEnded(&report)
    // What failed is asked for again.
    if isComplete { try settings.set(.feed, number: feed.position) }
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
      do {
        let page = try connection.call(
          Path.pull,
          PullRequest(
            space: space, incarnation: head.incarnation, after: head.position,
            byteCountMax: Self.pageByteCountMax),
          LogPage.self)
        if page.entries.isEmpty { return }
        try take(page, from: head, connection, &report, depth: depth)
        if page.head.head.position >= page.last { return }
      } catch ReplicaError.server(.notFound) where !connection.hasCompared {
        // The server's log may not be the one any more that this device knows.
        try compareLogs(connection, &report)
      }
    }
  }

  /// Checks a page and applies it, fetching first what its entries rest on.
  private func take(
    _ page: LogPage, from head: LogHead, _ connection: Connection, _ report: inout SyncReport,
    depth: Int
  ) throws {
    try fetchChains(named: page, connection)
    var attempts = 0
    while true {
      do {
        try transaction {
          try apply(page, from: head)
          try keepProof(of: page)
        }
        report.pulledCount += page.entries.count
        return
      } catch FactError.missing(let missing) where attempts < 64 {
        attempts += 1
        switch missing {
        case .chain(let chain): try fetchChain(chain, connection)
        case .space(let space): try pull(space, connection, &report, depth: depth + 1)
        }
      } catch is PageError where !connection.hasCompared {
        try compareLogs(connection, &report)
        // Taken back, it is asked for again from there.
        if try store.head(head.space) != head { return }
      } catch let error as PageError {
        try keepEvidence(page.encoded, kind: "page: \(error)", space: head.space)
        throw ReplicaError.dishonest("a page of a log does not verify (\(error))")
      } catch let error as FactError {
        try keepEvidence(page.encoded, kind: "entry: \(error)", space: head.space)
        throw ReplicaError.dishonest("an entry of a log does not verify (\(error))")
      } catch let error as NotAcceptable {
        try keepEvidence(page.encoded, kind: "accepted: \(error.refusal.code)", space: head.space)
        throw ReplicaError.dishonest(
          "the server accepted what it should not have: \(error.refusal.explanation)")
      }
    }
  }

  /// The server accepted what the log before it does not allow.
  private struct NotAcceptable: Error {
    let refusal: Refusal
  }

  private func apply(_ page: LogPage, from head: LogHead) throws {
    let verifier = PageVerifier(server: identity.certificate)
    let points = try verifier.verify(
      page, from: head, ground: Ground(replica: self, space: head.space))
    let resolver = FactResolver(space: head.space, source: chains)
    let number = try store.number(of: head.space)
    var rows: [RowKey] = []
    for (index, entry) in page.entries.enumerated() {
      let fact = try resolver.fact(entry)
      if case .refused(let refusal) = try store.judge(fact, in: head.space) {
        throw NotAcceptable(refusal: refusal)
      }
      let appended = try store.append(entry, fact, point: points[index], in: head.space)
      rows += appended.covered
      if case .commit(let commit, _) = fact.content { try observe(commit.header.time) }
      if let point = points[index] { rows += try settleOwn(entry, point, head.space, number) }
    }
    try settings.set(.clock, number: clock.last.rawValue)
    try rebuild(rows)
    try leaveCopiedJournal(of: head.space, number: number)
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
    case .commit: return try settle(space: number, sequence: origin.sequence)
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
    let found = try chainPart(chain, connection)
    for _ in 0..<256 {
      do {
        return try transaction {
          try chains.append(found, server: identity.certificate)
        }
      } catch FactError.missing(.chain(let other)) {
        try fetchChain(other, connection, depth: depth + 1)
      } catch ReplicaError.dishonest(let what) {
        try keepEvidence(found.encoded, kind: "chain: \(what)", space: nil)
        throw ReplicaError.dishonest(what)
      }
    }
    throw ReplicaError.dishonest("chains rest on each other")
  }

  /// Answers for one chain; a long one comes in several.
  private static var chainAnswerCountMax: Int { 64 }

  /// What is new of a chain, up to the head that the last answer names.
  private func chainPart(
    _ chain: ChainReference, _ connection: Connection
  ) throws -> ChainPart {
    var statements: [SignedStatement] = []
    let first = try chains.length(chain)
    for _ in 0..<Self.chainAnswerCountMax {
      let part = ChainPartRequest(chain: chain, from: first + UInt64(statements.count))
      let answer = try connection.call(
        Path.chains, ChainRequest(parts: [part]), ChainResponse.self)
      guard let found = answer.parts.first, found.head.chain == chain else {
        throw ReplicaError.dishonest("the server has no chain for something that it named")
      }
      statements += found.statements
      let isWhole = found.head.point.index < first + UInt64(statements.count)
      if isWhole || found.statements.isEmpty {
        return ChainPart(head: found.head, statements: statements)
      }
    }
    throw ReplicaError.dishonest("a chain does not end")
  }

  // MARK: Evidence

  /// Keeps what only a dishonest server or peer explains. The same thing shown again adds nothing.
  func keepEvidence(_ bytes: [UInt8], kind: String, space: SpaceID?) throws {
    let isKnown = try database.first(
      "SELECT 1 FROM evidence WHERE kind = ? AND bytes = ?", .text(kind), .blob(bytes)
    ) { _ in true }
    if isKnown != nil { return }
    try database.run(
      "INSERT INTO evidence (time, space, kind, bytes) VALUES (?, ?, ?, ?)",
      .integer(Int64(try nowMilliseconds)), space.map { .blob($0.bytes) } ?? .null, .text(kind),
      .blob(bytes))
  }
}

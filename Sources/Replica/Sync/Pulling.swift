import Merge
import SpaceStore
import SyncProtocol

extension Replica {
  private static var pageByteCountMax: UInt64 { 1 << 20 }

  /// Takes in what moved for the account since the last time.
  func pullAll(_ connection: Connection, _ report: inout SyncReport) throws {
    connection.feed = nil
    let organisation = try ownOrganisation()
    let feed = try connection.call(
      Path.feed,
      FeedRequest(
        after: try settings.number(.feed) ?? 0,
        interest: FeedRequest.Interest(organisation: organisation, news: 0, holdMilliseconds: 0)),
      FeedResponse.self)
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
      if try settings.number(.feed) != feed.position {
        try settings.set(.feed, number: feed.position)
      }
      connection.feed = Connection.FeedPlace(
        position: feed.position, news: feed.news, organisation: organisation)
    }
  }

  /// Takes in what moved since the connection last asked. The place in the feed is kept with the
  /// connection only: from an older one the next whole sync asks for a little more.
  ///
  /// - Returns: `false` where more than that may be new.
  func pullMoved(
    _ connection: Connection, _ report: inout SyncReport, holdMilliseconds: UInt64
  ) throws -> Bool {
    guard let known = connection.feed, let news = known.news else { return false }
    let feed = try connection.call(
      Path.feed,
      FeedRequest(
        after: known.position,
        interest: FeedRequest.Interest(
          organisation: known.organisation, news: news, holdMilliseconds: holdMilliseconds)),
      FeedResponse.self, holdMilliseconds: holdMilliseconds)
    guard feed.position >= known.position, feed.news == news else { return false }
    for space in feed.moved.sorted(by: Self.isSooner).map(\.space) {
      guard try store.knows(space), try !hasLeft(space), try !isForked(space) else { return false }
      try pull(space, connection, &report)
    }
    connection.feed?.position = feed.position
    return true
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
        try erasingBlobs(with: page, in: space) {
          try take(page, from: head, connection, &report, depth: depth)
        }
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
        page, from: head, ground: PageHome(replica: self, space: head.space))
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

  func refuse(_ page: LogPage, from head: LogHead, _ error: PageError) throws -> Never {
    try keepEvidence(shownPage(page, from: head), kind: "page: \(error)", space: head.space)
    throw ReplicaError.dishonest("a page of a log does not verify (\(error))")
  }
}

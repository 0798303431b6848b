import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Every signature says what its author had seen. What comes in is compared with the own history: two
/// people who were shown different ones find out when something of one reaches the other.
extension Replica {
  /// An author signed that they saw what this device was never shown.
  struct Contradiction: Error {
    let kind: String
    let shown: ShownHistory
  }

  /// What the authors in a verified page signed that they had seen.
  ///
  /// - Parameter points: the journal points of the page's commits, by entry index.
  func views(in page: LogPage, points: [Int: JournalPoint]) throws -> [SignedView] {
    var last: [ReplicaID: JournalPoint] = [:]
    for index in points.keys.sorted() {
      guard let replica = page.entries[index].journalOrigin?.replica else { continue }
      last[replica] = points[index]
    }
    var views: [SignedView] = []
    for tail in page.tails {
      // The first tail of a journal is the one that was verified.
      guard var point = last.removeValue(forKey: tail.replica) else { continue }
      for content in tail.contentHashes {
        point = point.next(page.head.head.space, tail.replica, content: content)
      }
      guard let key = try signingKey(of: tail.replica.device) else { continue }
      views.append(
        SignedView(
          replica: tail.replica, point: point, signature: tail.signature, key: key))
    }
    return views
  }

  private func signingKey(of device: DeviceID) throws -> SigningPublicKey? {
    if device == identity.certificate.device { return identity.certificate.log }
    return try identityKey(of: device)
  }

  /// Compares what the authors had seen of their own account's chain.
  ///
  /// - Parameter fetched: what has been fetched for this page. A chain that is too short all the same is
  ///   withheld, or its owner claims too much: that alone must not stop the space for everybody.
  /// - Throws: ``Contradiction``; ``FactError/missing(_:)`` where the chain has to be fetched that far.
  func compareAccounts(_ views: [SignedView], fetched: Set<MissingAuthority>) throws {
    for view in views where view.replica.device != identity.certificate.device {
      guard let account = try chains.device(view.replica.device)?.account,
        let chain = try chains.accountChain(account)
      else { continue }
      let point = view.seen.account
      let reference = ChainReference.account(account)
      guard point.index <= chain.head.index else {
        guard fetched.contains(.chain(reference)) else {
          throw FactError.missing(.chain(reference))
        }
        try keepEvidence(.other(view.encoded), kind: "withheld: account chain", space: nil)
        continue
      }
      guard !chain.contains(point) else { continue }
      guard let head = try chains.signedHead(reference) else { continue }
      let statements = try chains.statements(reference).dropFirst(Int(point.index))
      throw Contradiction(
        kind: "fork: account chain", shown: .account(head, Array(statements), view))
    }
  }

  /// Compares what the authors had seen of the space with what this device holds of it now; what lies
  /// ahead is kept until the log gets there.
  ///
  /// - Throws: ``Contradiction``
  func compareHeads(_ views: [SignedView], _ head: SignedLogHead, number: Int64) throws {
    let space = head.head.space
    let waiting = try database.rows(
      "SELECT view FROM seen_ahead WHERE space = ? ORDER BY replica", .integer(number)
    ) { try SignedView(decoding: $0.blob(0)) }
    for view in waiting + views {
      if let own = try store.contradiction(of: view.seen, in: space) {
        let hashes = try entryHashes(after: view.seen.position, head, number: number)
        throw Contradiction(
          kind: "fork: seen head",
          shown: .view(
            ContradictingView(head: head, hash: own, entryHashes: hashes, view: view)))
      }
      let isAhead =
        view.seen.incarnation == head.head.incarnation && view.seen.position > head.head.position
      if isAhead {
        try database.run(
          "INSERT OR REPLACE INTO seen_ahead VALUES (?, ?, ?)", .integer(number),
          .blob(view.replica.bytes), .blob(view.encoded))
      } else {
        try database.run(
          "DELETE FROM seen_ahead WHERE space = ? AND replica = ?", .integer(number),
          .blob(view.replica.bytes))
      }
    }
    try database.run(
      "INSERT OR REPLACE INTO signed_head VALUES (?, ?)", .integer(number), .blob(head.encoded))
  }

  private func entryHashes(
    after position: Position, _ head: SignedLogHead, number: Int64
  ) throws -> [Digest] {
    let count = head.head.position.rawValue - position.rawValue
    guard count <= UInt64(ContradictingView.hashCountMax) else { return [] }
    return try store.log.entryHashes(space: number, after: position, upTo: head.head.position)
  }

  /// The server's last signature over what is held of a space.
  func signedHead(number: Int64) throws -> SignedLogHead? {
    try database.first("SELECT head FROM signed_head WHERE space = ?", .integer(number)) {
      try SignedLogHead(decoding: $0.blob(0))
    }
  }

  /// A page with all that a third person needs to check it.
  func shownPage(_ page: LogPage, from head: LogHead) throws -> ShownHistory {
    var journals: [ShownPage.Journal] = []
    var keys: [SigningPublicKey] = []
    for replica in Set(page.entries.compactMap { $0.journalOrigin?.replica }).sorted() {
      let point = try store.journalPoint(head.space, replica)
      journals.append(ShownPage.Journal(replica: replica, point: point))
      if let key = try signingKey(of: replica.device), !keys.contains(key) { keys.append(key) }
    }
    return .page(
      ShownPage(
        position: head.position, hash: head.hash,
        signed: try signedHead(number: store.number(of: head.space)), journals: journals,
        keys: keys, page: page))
  }

  // MARK: Forked spaces

  /// Whether two histories of a space were shown. Nothing of it is sent or taken in until the server
  /// shows a page again that this device's history leads to; unsent work stays.
  func isForked(_ space: SpaceID) throws -> Bool {
    guard try store.knows(space) else { return false }
    return try database.first(
      "SELECT 1 FROM forked_space WHERE space = ?", .integer(store.number(of: space))
    ) { _ in true } ?? false
  }

  func forkedSpaces() throws -> [SpaceID] {
    try database.rows(
      "SELECT space.id FROM forked_space JOIN space ON space.number = forked_space.space "
        + "ORDER BY space.number"
    ) { row in
      guard let space = SpaceID(row.blob(0)) else { throw ReplicaError.homeDamaged("space") }
      return space
    }
  }

  func markForked(_ space: SpaceID) throws {
    try database.run(
      "INSERT OR IGNORE INTO forked_space VALUES (?, ?)",
      .integer(try store.number(of: space)), .integer(Int64(try nowMilliseconds)))
  }

  func unmarkForked(number: Int64) throws {
    try database.run("DELETE FROM forked_space WHERE space = ?", .integer(number))
  }
}

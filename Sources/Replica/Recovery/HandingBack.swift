import Merge
import Signing
import SpaceStore
import SyncProtocol

extension Replica {
  func holdsLostPages() throws -> Bool {
    try database.first("SELECT 1 FROM lost_page LIMIT 1") { _ in true } ?? false
  }

  func holdsLostPages(of number: Int64) throws -> Bool {
    try database.first(
      "SELECT 1 FROM lost_page WHERE space = ? LIMIT 1", .integer(number)
    ) { _ in true } ?? false
  }

  /// Hands back the pages that the server has lost, in each space in their order. What the server cannot
  /// take yet waits for the next time; what it cannot take at all stays as evidence.
  func handBackPages(_ connection: Connection, _ report: inout SyncReport) throws {
    let waiting = try database.rows(
      "SELECT lost_page.number, lost_page.space, space.kind FROM lost_page "
        + "JOIN space ON space.number = lost_page.space ORDER BY lost_page.number"
    ) { (number: $0.integer(0), space: $0.integer(1), kind: $0.optionalText(2)) }
    guard !waiting.isEmpty else { return }
    let handedBefore = report.handedBackCount
    // What engagements rest on comes back before them: twice round is enough for all that do.
    var stopped: Set<Int64> = []
    var done: Set<Int64> = []
    for _ in 0..<2 {
      stopped = []
      for page in waiting where !done.contains(page.number) && !stopped.contains(page.space) {
        if try handBack(page.number, connection, &report) {
          done.insert(page.number)
        } else {
          stopped.insert(page.space)
        }
      }
      if stopped.isEmpty { break }
    }
    report.lostCount = try lostCount()
    let count = report.handedBackCount - handedBefore
    var news = "the server was restored from a backup; \(count) entries were handed back"
    if report.lostCount > 0 { news += ", \(report.lostCount) could not be yet" }
    if !report.news.contains(news) { report.news.append(news) }
  }

  /// - Returns: whether the server is done with the page.
  private func handBack(
    _ number: Int64, _ connection: Connection, _ report: inout SyncReport
  ) throws -> Bool {
    let request = try database.first(
      "SELECT request FROM lost_page WHERE number = ?", .integer(number)
    ) { try RecoverRequest(decoding: $0.blob(0)) }
    guard let request else { return true }
    do {
      let answer = try connection.call(Path.recover, request, RecoverResponse.self)
      guard answer.isTaken else { return false }
      report.handedBackCount += Int(clamping: answer.newCount)
    } catch ReplicaError.server(.notFound) {
      try keepEvidence(
        .other(request.page.encoded), kind: "lost page", space: request.page.head.head.space)
    }
    try database.run("DELETE FROM lost_page WHERE number = ?", .integer(number))
    return true
  }

  private func lostCount() throws -> Int {
    try database.rows("SELECT request FROM lost_page") {
      try RecoverRequest(decoding: $0.blob(0)).page.entries.count
    }.reduce(0, +)
  }

  // MARK: Chains

  /// Chains asked about at once.
  private static var chainCountMax: Int { 256 }

  /// Hands back what the server has lost of the chains that this device knows: accounts first, on
  /// which the others rest.
  func handBackChains(_ connection: Connection, _ report: inout SyncReport) throws {
    let all = try chains.references()
    for start in stride(from: 0, to: all.count, by: Self.chainCountMax) {
      let batch = Array(all[start..<min(start + Self.chainCountMax, all.count)])
      let asked = try batch.map {
        ChainPartRequest(chain: $0, from: try chains.length($0))
      }
      let answer = try connection.call(
        Path.chains, ChainRequest(parts: asked), ChainResponse.self)
      for chain in batch {
        let head = answer.parts.first { $0.head.chain == chain }?.head
        let known = head.map { $0.point.index + 1 } ?? 0
        do {
          try handBack(chain, from: known, connection)
        } catch let error as ReplicaError {
          try report.keep(error, while: "handing back a chain")
        }
      }
    }
  }

  /// - Returns: whether there was something to hand back.
  @discardableResult
  func handBack(
    _ chain: ChainReference, from index: UInt64, _ connection: Connection
  ) throws -> Bool {
    let length = try chains.length(chain)
    guard index < length, let head = try chains.signedHead(chain), head.point.index == length - 1
    else { return false }
    let statements = try (index..<length).compactMap { try chains.statement(chain, at: $0) }
    let request = ChainRestoreRequest(
      part: ChainPart(head: head, statements: statements), role: try roleForRestore(of: chain))
    _ = try connection.send(.post, Path.chainRestore, request.encoded)
    return true
  }

  /// A server that does not know the own account opens no session for it.
  func handBackOwnChain(_ connection: Connection) throws -> Bool {
    try handBack(.account(identity.account), from: 0, connection)
  }

  /// The role that an account was invited in, as far as this device can tell.
  private func roleForRestore(of chain: ChainReference) throws -> Role? {
    guard case .account(let account) = chain else { return nil }
    if account == identity.account { return identity.role }
    for case .organisation(let organisation) in try chains.references() {
      guard let known = try chains.organisationChain(organisation) else { continue }
      if known.adminSince[account] != nil { return .admin }
      if let role = known.members[account]?.role { return role }
    }
    return .family
  }

  // MARK: Wraps and files

  /// Sends again what a restored server may have lost of own wraps and files.
  ///
  /// - Parameter isPulled: whether the log is here again that was set back, and with it the names of all
  ///   files.
  func resendObjects(
    _ connection: Connection, _ report: inout SyncReport, isPulled: Bool, _ onBytes: ByteProgress
  ) throws {
    guard try settings.number(.resending) == 1 else { return }
    do {
      try resendEpochWraps(connection)
      if identity.role == .client { try resendOwnObjects(connection, onBytes) }
      if isPulled { try settings.set(.resending, number: 0) }
    } catch let error as ReplicaError {
      try report.keep(error, while: "sending files again")
    }
  }

  /// The wraps of an epoch, before the server gets them.
  func keepEpochWraps(_ wraps: [[UInt8]], in space: SpaceID) throws {
    let number = try store.number(of: space)
    try transaction {
      for wrap in wraps {
        try database.run(
          "INSERT OR IGNORE INTO own_epoch_wrap VALUES (?, ?, ?)", .integer(number),
          .blob(Hasher256.content(wrap).bytes), .blob(wrap))
      }
    }
  }

  /// Wraps sent at once.
  private static var wrapCountMax: Int { 256 }

  private func resendEpochWraps(_ connection: Connection) throws {
    for space in try store.spaceIDs() where try !hasLeft(space) {
      guard try store.state(space).role(of: identity.account) != nil else { continue }
      let wraps = try database.rows(
        "SELECT bytes FROM own_epoch_wrap WHERE space = ? ORDER BY hash",
        .integer(store.number(of: space))
      ) { $0.blob(0) }
      for start in stride(from: 0, to: wraps.count, by: Self.wrapCountMax) {
        let batch = Array(wraps[start..<min(start + Self.wrapCountMax, wraps.count)])
        _ = try connection.send(
          .post, Path.wraps, WrapsRequest(space: space, wraps: batch).encoded)
      }
    }
  }

  private func resendOwnObjects(_ connection: Connection, _ onBytes: ByteProgress) throws {
    for space in try store.spaceIDs() where try !hasLeft(space) {
      let state = try store.state(space)
      let number = try store.number(of: space)
      let isOwn = state.members[identity.account].map { $0.role == .owner || $0.role == .client }
      guard isOwn ?? (space == vault) else { continue }
      try transaction {
        try database.run("UPDATE wrap SET sent = 0 WHERE space = ?", .integer(number))
        if space == vault { try queueOwnBlobs(number) }
      }
      try uploadObjects(connection, for: space, onBytes: onBytes)
    }
  }

  /// What unsent commits name may have been uploaded to the server that was lost; also of files that are
  /// deleted again, which no row names.
  func queueUnsentObjects() throws {
    try database.run("UPDATE wrap SET sent = 0 WHERE space IN (SELECT space FROM outbox)")
    guard try store.knows(vault) else { return }
    let number = try store.number(of: vault)
    let named = try outbox(space: number).flatMap { try $0.commit().changes }
      .flatMap(\.writes).filter { $0.key == "blobs" }
      .flatMap { $0.value.array ?? [] }.compactMap(\.bytes).compactMap { Digest($0) }
    for hash in named where try blobs.byteCount(hash) != nil {
      try database.run(
        "INSERT OR IGNORE INTO blob_outbox VALUES (?, ?)", .integer(number), .blob(hash.bytes))
    }
  }

  private func queueOwnBlobs(_ number: Int64) throws {
    let named = try database.rows(
      "SELECT DISTINCT blob.value FROM version, json_each(version.blobs) AS blob "
        + "WHERE version.space = ?", .integer(number)
    ) { Digest(hex: $0.text(0)) }
    for case let hash? in named where try blobs.byteCount(hash) != nil {
      try database.run(
        "INSERT OR IGNORE INTO blob_outbox VALUES (?, ?)", .integer(number), .blob(hash.bytes))
    }
  }
}

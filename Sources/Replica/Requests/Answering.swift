import Merge
import SyncProtocol

extension Replica {
  /// How long an approved access lasts where the client says nothing else (requirement A8).
  public static var approvedMilliseconds: UInt64 { 7 * 24 * 60 * 60 * 1000 }

  /// Approves a request: shares the files, and says so. Works offline.
  ///
  /// - Parameters:
  ///   - paths: the files; the one that was asked for where empty.
  ///   - untilMilliseconds: the end; a week from now where `nil`. What is shared for longer already
  ///     stays so.
  /// - Throws: ``ReplicaError/badInput(_:)`` where no file is known; ``AccessDenial`` where the consent
  ///   stands in the way: it has to be given anew first.
  @discardableResult
  public func approve(
    _ request: AccessRequest, paths: [String] = [], untilMilliseconds: UInt64? = nil,
    permissions: [Permission] = [.viewFiles]
  ) throws -> [ShareItem] {
    try checkAnswerable(request)
    try requireServerClock()
    let until = try untilMilliseconds ?? nowMilliseconds + Self.approvedMilliseconds
    let terms = ConsentTerms(permissions: permissions, untilMilliseconds: until)
    try checkConsent(request.space, terms)
    let tree = try vaultTree()
    let files =
      try paths.isEmpty ? [wantedFile(request, tree)] : paths.map { try tree.file(at: $0) }
    return try transaction {
      let items = try files.map { file in
        try share(
          tree.path(of: file.id), with: request.practitioner, try widened(terms, file, request),
          answering: request.id)
      }
      try step(request, to: .approved, untilMilliseconds: until)
      try audit(.approve, request.id, in: request.space, .granted)
      return items
    }
  }

  /// Denies a request. Works offline.
  ///
  /// - Parameter message: for who asked.
  public func deny(_ request: AccessRequest, message: String? = nil) throws {
    try checkAnswerable(request)
    try transaction {
      try step(request, to: .denied, message: message)
      try audit(.deny, request.id, in: request.space, .granted)
    }
  }

  private func checkAnswerable(_ request: AccessRequest) throws {
    guard request.client == identity.account else {
      throw ReplicaError.badInput("only the client answers a request")
    }
    guard request.state == .requested else {
      throw ReplicaError.badInput("the request is \(request.state.rawValue) already")
    }
  }

  private func wantedFile(
    _ request: AccessRequest, _ tree: VaultTree
  ) throws -> VaultTree.Entry {
    if let file = request.file, let entry = tree[file] { return entry }
    // A name is another person's word: it counts only where it leaves no choice.
    let found = tree.files.filter { entry in
      guard let name = request.name else { return false }
      return entry.name == name || tree.path(of: entry.id) == name
    }
    guard let entry = found.first, found.count == 1 else {
      throw ReplicaError.badInput("say which file of yours it is to be (--file)")
    }
    return entry
  }

  /// An answer takes nothing away that was given before.
  private func widened(
    _ terms: ConsentTerms, _ file: VaultTree.Entry, _ request: AccessRequest
  ) throws -> ConsentTerms {
    let now = try nowMilliseconds
    let given = try shares(ofFile: file.id, in: request.space).last {
      !$0.isAutomatic && $0.isActive(nowMilliseconds: now)
    }
    guard let given else { return terms }
    let until = given.untilMilliseconds.flatMap { own in
      terms.untilMilliseconds.map { max(own, $0) }
    }
    return ConsentTerms(
      permissions: given.permissions + terms.permissions, untilMilliseconds: until)
  }

  /// Ends what one device shared on a request that another one denied at the same time: a no beats a
  /// yes.
  ///
  /// - Returns: whether anything was written.
  func endDeniedShares() throws -> Bool {
    let rows = try database.rows(
      "SELECT space.id, share.record FROM share JOIN space ON space.number = share.space "
        + "JOIN access_request AS asked ON asked.space = share.space "
        + "AND asked.record = share.request "
        + "WHERE asked.state_state IN ('denied', 'withdrawn') AND share.access_state = 'active' "
        + "ORDER BY share.record"
    ) { (SpaceID($0.blob(0)), try Self.recordID($0.blob(1))) }
    let own = Set(try sharingEngagements())
    var hasWritten = false
    for case (let space?, let id) in rows where own.contains(space) {
      guard try store.state(space).ended == nil,
        let share = try shownRecord("share", id, in: space).flatMap({ Share($0) })
      else { continue }
      try end(share, isAutomatic: false)
      hasWritten = true
    }
    return hasWritten
  }

  /// What a person wants to know of requests after a sync.
  ///
  /// - Parameter before: their states before it.
  func requestNews(since before: [RecordID: String]) throws -> [String] {
    guard !isLocked else { return [] }
    return try accessRequests().compactMap { request in
      guard before[request.id] != request.state.rawValue else { return nil }
      let isClient = request.client == identity.account
      let name = markedName(isClient ? request.practitioner : request.client)
      switch (request.state, isClient) {
      case (.requested, true): return "\(name) asks for access: satchel requests"
      case (.withdrawn, true): return "\(name) has taken a request back"
      case (.approved, false): return "\(name) has approved your request"
      case (.denied, false): return "\(name) has denied your request"
      default: return nil
      }
    }
  }
}

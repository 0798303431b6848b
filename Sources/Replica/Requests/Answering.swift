import Merge
import SyncProtocol

extension Replica {
  /// How long an approved access lasts where the client says nothing else (requirement A8).
  public static var approvedMilliseconds: UInt64 { 7 * 24 * 60 * 60 * 1000 }

  /// Approves a request: shares files and folders, and says so. Works offline.
  ///
  /// - Parameters:
  ///   - paths: of files and folders; what was asked for where empty.
  ///   - untilMilliseconds: the end; a week from now where `nil`. What is shared for longer already
  ///     stays so.
  /// - Throws: ``ReplicaError/badInput(_:)`` where nothing is known by the name; ``AccessDenial`` where the consent
  ///   stands in the way: it has to be given anew first.
  @discardableResult
  public func approve(
    _ request: AccessRequest, paths: [String] = [], untilMilliseconds: UInt64? = nil,
    permissions: [Permission] = [.viewFiles]
  ) throws -> ApprovedAccess {
    try checkAnswerable(request)
    try requireServerClock()
    let until = try untilMilliseconds ?? nowMilliseconds + Self.approvedMilliseconds
    let terms = ConsentTerms(permissions: permissions, untilMilliseconds: until)
    try checkConsent(request.space, terms)
    let tree = try vaultTree()
    let entries =
      try paths.isEmpty ? [wanted(request, tree)] : paths.map { try named($0, tree) }
    return try transaction {
      var approved = ApprovedAccess(files: [], folders: [])
      for entry in entries {
        let path = tree.path(of: entry.id)
        if entry.kind == .folder {
          approved.folders.append(try share(folder: entry, path, terms, request))
        } else {
          approved.files.append(
            try share(
              path, with: request.practitioner, try widened(terms, entry, request),
              answering: request.id))
        }
      }
      try step(request, to: .approved, untilMilliseconds: until)
      try audit(.approve, request.id, in: request.space, .granted)
      return approved
    }
  }

  private func share(
    folder: VaultTree.Entry, _ path: String, _ terms: ConsentTerms, _ request: AccessRequest
  ) throws -> ApprovedAccess.Folder {
    let terms = try widened(terms, folder: folder, request)
    let count = try shareStanding(path, with: request.practitioner, terms)
    return ApprovedAccess.Folder(
      path: path, fileCount: count, untilMilliseconds: terms.untilMilliseconds)
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

  private func named(_ path: String, _ tree: VaultTree) throws -> VaultTree.Entry {
    guard let entry = try tree.entry(at: path) else {
      throw ReplicaError.badInput("a request is answered with files and folders")
    }
    return entry
  }

  private func wanted(_ request: AccessRequest, _ tree: VaultTree) throws -> VaultTree.Entry {
    if let file = request.file, let entry = tree[file] { return entry }
    // A name is another person's word: it counts only where it leaves no choice.
    let found = tree.descendants(of: nil).filter { entry in
      guard let name = request.name else { return false }
      return entry.name == name || tree.path(of: entry.id) == name
    }
    guard let entry = found.first, found.count == 1 else {
      throw ReplicaError.badInput("say which file or folder of yours it is to be (--file)")
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

  private func widened(
    _ terms: ConsentTerms, folder: VaultTree.Entry, _ request: AccessRequest
  ) throws -> StandingShare.Terms {
    let now = try nowMilliseconds
    let given = try standingShares(with: request.practitioner).last {
      $0.target == .folder(folder.id) && !$0.isExclusion && $0.isInForce(nowMilliseconds: now)
    }?.terms
    guard var given else {
      return StandingShare.Terms(
        permissions: terms.permissions, untilMilliseconds: terms.untilMilliseconds,
        request: request.id)
    }
    let before = given
    given.permissions += terms.permissions.filter { !before.permissions.contains($0) }
    given.untilMilliseconds = given.untilMilliseconds.flatMap { own in
      terms.untilMilliseconds.map { max(own, $0) }
    }
    if given != before { given.request = request.id }
    return given
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
    return try endDeniedStanding() || hasWritten
  }

  private func endDeniedStanding() throws -> Bool {
    guard try hasStandingShares() else { return false }
    let states = try requestStates()
    do {
      let denied = try standingShares().filter { share in
        let state = share.terms.request.flatMap { states[$0] }
        return state == AccessRequest.State.denied.rawValue
          || state == AccessRequest.State.withdrawn.rawValue
      }
      try endStanding(denied)
      return !denied.isEmpty
    } catch ReplicaError.notReady {
      // A key of the vault is on its way: the sync that brings it does this.
      return false
    }
  }

  /// What a person wants to know of requests after a sync.
  ///
  /// - Parameter before: their states before it.
  func requestNews(since before: [RecordID: String]) throws -> [String] {
    if isLocked {
      let new = try requestsToAnswer().filter { before[$0] == nil }
      return new.map { _ in "somebody asks for access: satchel requests" }
    }
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

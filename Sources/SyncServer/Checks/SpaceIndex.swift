import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// What the server keeps beside one space's log to look things up in, as the log has it.
struct SpaceIndex {
  /// The tables that can be made anew from the log.
  enum Part: String, CaseIterable {
    case statements = "statement_position"
    case epochWraps = "epoch_wrap"
    case shareWraps = "share_wrap"
    case emergencyShares = "emergency_share"
    case links = "space_link"
    case counters = "counter"
  }

  let core: ServerCore
  let space: SpaceID
  /// Rows without the space.
  private(set) var expected: [Part: Set<[SQLValue]>] = [:]
  private(set) var wraps: Set<Digest> = []
  private(set) var blobs: Set<BlobName> = []
  /// Blobs of versions that were deleted; also where a share names them.
  private(set) var erased: Set<BlobName> = []
  private var shares: Set<RecordID> = []
  private var erasedWraps: Set<Digest> = []
  private var versionWraps: [RecordID: [Digest]] = [:]
  private var versionBlobs: [RecordID: [BlobName]] = [:]

  init(_ core: ServerCore, _ space: SpaceID) throws {
    self.core = core
    self.space = space
    for part in Part.allCases { expected[part] = [] }
    var last: [String: UInt64] = [:]
    try core.store.eachEntry(space) { position, entry in
      switch entry.content {
      case .statement(let signed): take(signed, at: position)
      case .commit(let origin, let encoded):
        let commit = try encoded.decoded()
        try take(commit, by: origin)
        if origin.replica.device == core.keys.certificate.device { count(commit, &last) }
      default: break
      }
    }
    for (field, number) in last {
      expected[.counters]?.insert([.text(field), .integer(Int64(clamping: number))])
    }
    try takeShares()
    wraps.subtract(erasedWraps)
    try leaveOutDeleted()
  }

  /// A deleted account has nothing here but its names in logs.
  private mutating func leaveOutDeleted() throws {
    let state = try core.store.state(space)
    for account in state.members.keys.sorted() {
      guard try core.chains.accountChain(account)?.isDeleted == true else { continue }
      if space == .vault(of: account) {
        wraps = []
        erased.formUnion(blobs)
      }
      for row in expected[.epochWraps] ?? [] where row[1] == .blob(account.bytes) {
        guard case .blob(let hash) = row[0], let wrap = Digest(hash) else { continue }
        let others = expected[.epochWraps]?.contains { $0[0] == row[0] && $0[1] != row[1] }
        if others != true { wraps.remove(wrap) }
      }
    }
  }

  private mutating func take(_ signed: SignedStatement, at position: Position) {
    expected[.statements]?.insert(
      [.blob(signed.hash.bytes), .integer(Int64(position.rawValue))])
    switch signed.statement.body {
    case .epoch(let epoch):
      for wrap in epoch.wraps {
        wraps.insert(wrap.hash)
        expected[.epochWraps]?.insert([.blob(wrap.hash.bytes), .blob(wrap.recipient.bytes)])
        // Whoever may have the epoch may have the ones before.
        for seal in epoch.seals {
          wraps.insert(seal)
          expected[.epochWraps]?.insert([.blob(seal.bytes), .blob(wrap.recipient.bytes)])
        }
      }
    case .spaceOpening(let opening):
      expected[.links]?.insert([
        signed.statement.account.map { .blob($0.bytes) } ?? .null,
        opening.organisation.map { .blob($0.bytes) } ?? .null,
        opening.team.map { .blob($0.bytes) } ?? .null,
        opening.assignment.map { .blob($0.bytes) } ?? .null,
      ])
    default: break
    }
  }

  private mutating func take(_ commit: Commit, by origin: Origin) throws {
    let objects = NamedObjects(core: core, space: space)
    let author = try core.store.state(space).devices[origin.replica.device]?.account
    for change in commit.changes {
      let named = try objects.names(change)
      if change.type == "version" { take(change, named.wraps, named.blobs) }
      blobs.formUnion(named.blobs)
      // The wraps of shares are destroyed with them.
      if change.type == ShareTable.type {
        shares.insert(change.record)
      } else if change.type == EmergencyRules.deposit {
        guard let author, let share = named.wraps.first else { continue }
        try take(
          EmergencyTable.Deposit(
            space: space, record: change.record, vault: .vault(of: author), share: share))
      } else {
        wraps.formUnion(named.wraps)
      }
    }
  }

  /// Deleted versions are destroyed.
  private mutating func take(_ version: RecordChange, _ named: [Digest], _ blobs: [BlobName]) {
    if version.operation == .create {
      versionWraps[version.record] = named
      versionBlobs[version.record] = blobs
    }
    guard version.operation == .delete else { return }
    erasedWraps.formUnion(versionWraps[version.record] ?? [])
    erased.formUnion(versionBlobs[version.record] ?? [])
  }

  /// The server's share is there until the deposit is opened; from then on it may be gone.
  private mutating func take(_ deposit: EmergencyTable.Deposit) throws {
    expected[.emergencyShares]?.insert([
      .blob(deposit.record.bytes), .blob(deposit.vault.bytes), .blob(deposit.share.bytes),
    ])
    if try EmergencyTable(core: core).standing(of: deposit) == .ready {
      wraps.insert(deposit.share)
    }
  }

  /// The server's own commits hold the numbers that it has given.
  private func count(_ commit: Commit, _ last: inout [String: UInt64]) {
    for change in commit.changes {
      for write in change.writes {
        guard let number = write.value.integer.flatMap({ UInt64(exactly: $0) }) else { continue }
        let field = "\(change.type).\(write.key)"
        last[field] = max(last[field] ?? 0, number)
      }
    }
  }

  private mutating func takeShares() throws {
    guard try core.store.state(space).ended == nil else { return }
    for record in shares.sorted() {
      guard let terms = try ShareTable(core: core, space: space).terms(of: record),
        !terms.isRevoked
      else { continue }
      wraps.formUnion(terms.wraps)
      for hash in terms.wraps {
        expected[.shareWraps]?.insert([.blob(hash.bytes), .blob(record.bytes)])
      }
    }
  }

  // MARK: Comparing

  private static let columns: [Part: String] = [
    .statements: "hash, position", .epochWraps: "hash, recipient", .shareWraps: "hash, record",
    .emergencyShares: "record, vault, share", .links: "opener, organisation, team, assignment",
    .counters: "field, last",
  ]

  /// Whether the table has exactly what the log says.
  func isRight(_ part: Part) throws -> Bool {
    let found = try core.database.rows(
      "SELECT \(Self.columns[part] ?? "") FROM \(part.rawValue) WHERE space = ?",
      .blob(space.bytes)
    ) { $0.values }
    return part == .counters ? isEnough(found) : Set(found) == expected[part]
  }

  /// Numbers skip ahead where the server may have given more than its log still shows.
  private func isEnough(_ counters: [[SQLValue]]) -> Bool {
    (expected[.counters] ?? []).allSatisfy { needed in
      counters.contains { found in
        guard case .integer(let last) = found[1], case .integer(let least) = needed[1] else {
          return false
        }
        return found[0] == needed[0] && last >= least
      }
    }
  }

  func repair(_ part: Part) throws {
    try core.database.run("DELETE FROM \(part.rawValue) WHERE space = ?", .blob(space.bytes))
    for row in expected[part] ?? [] {
      let marks = row.map { _ in ", ?" }.joined()
      try core.database.run(
        "INSERT INTO \(part.rawValue) (space, \(Self.columns[part] ?? "")) VALUES (?\(marks))",
        arguments: [.blob(space.bytes)] + row)
    }
  }

  /// Members whose feed does not have the space.
  func missingFeeds() throws -> [AccountID] {
    let state = try core.store.state(space)
    return try state.members.keys.sorted().filter { account in
      guard state.readable(by: account) != nil else { return false }
      let found = try core.database.first(
        "SELECT 1 FROM feed WHERE account = ? AND space = ?", .blob(account.bytes),
        .blob(space.bytes)
      ) { _ in true }
      return found == nil
    }
  }
}

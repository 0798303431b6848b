import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Blobs and wraps between this device and the server. Both are named by their hashes, so every
/// transfer can be cut off and repeated, and goes on at the blob where it stopped.
extension Replica {
  /// Wraps of one request.
  private static var wrapCountMax: Int { 4096 }

  // MARK: Sending

  /// Sends the blobs and wraps that the server does not have, before the commits that name them.
  ///
  /// - Throws: ``ReplicaError/fileAltered(_:)`` for a blob that is damaged here, after all others have
  ///   been sent.
  func uploadObjects(
    _ connection: Connection, for space: SpaceID, onBytes: ByteProgress = { _, _ in }
  ) throws {
    try uploadWraps(connection, space)
    // A share names blobs of the vault, which may be pushed after the engagement.
    if try store.state(space).kind == .engagement, try store.knows(vault) {
      try uploadBlobs(connection, vault, onBytes)
    }
    try uploadBlobs(connection, space, onBytes)
  }

  private func uploadWraps(_ connection: Connection, _ space: SpaceID) throws {
    let number = try store.number(of: space)
    while true {
      let batch = try database.rows(
        "SELECT hash, bytes FROM wrap WHERE space = ? AND sent = 0 ORDER BY hash LIMIT ?",
        .integer(number), .integer(Int64(Self.wrapCountMax))
      ) { (hash: $0.blob(0), bytes: $0.blob(1)) }
      if batch.isEmpty { return }
      let request = WrapsRequest(space: space, wraps: batch.map(\.bytes))
      _ = try connection.send(.post, Path.wraps, request.encoded)
      try transaction {
        for wrap in batch {
          try database.run(
            "UPDATE wrap SET sent = 1 WHERE space = ? AND hash = ?", .integer(number),
            .blob(wrap.hash))
        }
      }
    }
  }

  static func digest(_ bytes: [UInt8]) throws -> Digest {
    guard let digest = Digest(bytes) else { throw ReplicaError.homeDamaged("hash") }
    return digest
  }

  // MARK: Fetching

  /// Fetches what this device may hold and lacks: the wraps of the own vault and the latest version of
  /// each file, and what is shared with this account. First lets go of what it may hold no longer.
  func fetchObjects(_ connection: Connection, onBytes: ByteProgress = { _, _ in }) throws {
    // The pull before this brought what others allow now.
    try settings.set(.leasesRenewed, number: try nowMilliseconds)
    try dropWithdrawnShares()
    try fetchVaultWraps(connection)
    let place = try vaultPlace()
    let isComplete = try settings.text(.filesHere) == place
    var missing: [MissingBlob] = []
    if !isComplete {
      for summary in try fileSummaries().values.sorted(by: { $0.version < $1.version }) {
        missing += try missingBlobs(sealedVersion(summary.version), share: nil)
      }
    }
    let isOwnComplete = missing.isEmpty
    let shares = try usableShares()
    for (space, shares) in Dictionary(grouping: shares, by: \.space).sorted(by: { $0.key < $1.key })
    {
      let wraps = try shares.map(\.content.wrap).filter { try wrap($0, in: space) == nil }
      try fetchWraps(wraps, of: space, connection)
    }
    for share in shares { missing += try missingBlobs(share.content, share: share) }
    if isOwnComplete, !isComplete { try settings.set(.filesHere, text: place) }
    try fetch(missing, connection, onBytes)
  }

  /// Where the own vault's log ends here, and how many keys and wraps there are to read it with: with
  /// another one a file can be known that was not before. And the day: what a disk has lost is noticed.
  private func vaultPlace() throws -> String {
    guard try store.knows(vault) else { return "" }
    let state = try store.state(vault)
    let count = try database.first(
      "SELECT (SELECT COUNT(*) FROM wrap WHERE space = ?) + (SELECT COUNT(*) FROM key_ring)",
      .integer(try store.number(of: vault))
    ) { $0.integer(0) }
    let day = try nowMilliseconds / (24 * 60 * 60 * 1000)
    return "\(state.incarnation) \(state.position.rawValue) \(count ?? 0) \(day)"
  }

  /// From here on a sync looks for the blob of every file again.
  func lookForFilesAgain() throws {
    try settings.remove(.filesHere)
  }

  /// Fetches the latest versions of files, as far as they are not here.
  func fetchVersions(of files: [RecordID], _ connection: Connection) throws {
    var missing: [MissingBlob] = []
    for file in files {
      guard let summary = try fileSummaries(file: file)[file] else { continue }
      missing += try missingBlobs(sealedVersion(summary.version), share: nil)
    }
    try fetch(missing, connection) { _, _ in }
  }

  /// `nil` for what the server does not have, or does not release to this account.
  func unlessWithheld<Answer>(_ body: () throws -> Answer) throws -> Answer? {
    do {
      return try body()
    } catch ReplicaError.server(let code) {
      switch code {
      case .notFound, .blobMissing, .notAllowed, .consentInactive, .shareInactive,
        .shareWithheld:
        return nil
      default: throw ReplicaError.server(code)
      }
    }
  }

  func fetchVaultWraps(_ connection: Connection) throws {
    guard try store.knows(vault) else { return }
    let missing = try database.rows(
      "SELECT DISTINCT wrap FROM version WHERE space = ?1 AND NOT EXISTS "
        + "(SELECT 1 FROM wrap AS held WHERE held.space = ?1 AND held.hash = version.wrap) "
        + "ORDER BY wrap",
      .integer(try store.number(of: vault))
    ) { try Self.digest($0.blob(0)) }
    try fetchWraps(missing, of: vault, connection)
  }

  func fetchWraps(_ hashes: [Digest], of space: SpaceID, _ connection: Connection) throws {
    let number = try store.number(of: space)
    for start in stride(from: 0, to: hashes.count, by: Self.wrapCountMax) {
      let batch = Array(hashes[start..<min(start + Self.wrapCountMax, hashes.count)])
      let answer = try unlessWithheld {
        try connection.call(
          Path.wrapsFetch, WrapsFetchRequest(owner: .space(space), hashes: batch),
          WrapsFetchResponse.self)
      }
      guard let wraps = answer?.wraps else { continue }
      guard wraps.count == batch.count else {
        throw ReplicaError.dishonest("the server's answer is not what was asked for")
      }
      for (hash, wrap) in zip(batch, wraps) {
        guard let wrap, Hasher256.content(wrap) != hash else { continue }
        try keepEvidence(.other(hash.bytes + wrap), kind: "swapped wrap", space: space)
        throw ReplicaError.dishonest("a wrap is not what its name says")
      }
      try transaction {
        for (hash, wrap) in zip(batch, wraps) {
          guard let wrap else { continue }
          try database.run(
            "INSERT OR IGNORE INTO wrap VALUES (?, ?, ?, 1)", .integer(number),
            .blob(hash.bytes), .blob(wrap))
        }
      }
    }
  }
}

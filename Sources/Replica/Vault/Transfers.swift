import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Blobs and wraps between this device and the server. Both are named by their hashes, so every
/// transfer can be cut off and repeated, and goes on at the blob where it stopped.
extension Replica {
  /// Wraps of one request.
  private static var wrapCountMax: Int { 4096 }
  /// Names of one question for missing blobs.
  private static var blobCountMax: Int { 8192 }

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

  private func uploadBlobs(
    _ connection: Connection, _ space: SpaceID, _ onBytes: ByteProgress
  ) throws {
    let number = try store.number(of: space)
    let waiting = try database.rows(
      "SELECT hash FROM blob_outbox WHERE space = ? ORDER BY hash", .integer(number)
    ) { try Self.digest($0.blob(0)) }
    let total = try waiting.reduce(UInt64(0)) { $0 + UInt64(try blobs.byteCount($1) ?? 0) }
    var done: UInt64 = 0
    var damaged: Digest?
    for start in stride(from: 0, to: waiting.count, by: Self.blobCountMax) {
      let batch = Array(waiting[start..<min(start + Self.blobCountMax, waiting.count)])
      let missing = Set(
        try connection.call(
          Path.blobsMissing, BlobsMissingRequest(space: space, hashes: batch),
          BlobsMissingResponse.self
        ).hashes)
      for hash in batch {
        let byteCount = UInt64(try blobs.byteCount(hash) ?? 0)
        if missing.contains(hash), try !upload(hash, connection, space) {
          damaged = hash
        } else {
          try database.run(
            "DELETE FROM blob_outbox WHERE space = ? AND hash = ?", .integer(number),
            .blob(hash.bytes))
        }
        done += byteCount
        onBytes(done, total)
      }
    }
    if let damaged { throw ReplicaError.fileAltered(try fileName(withBlob: damaged)) }
  }

  /// - Returns: whether the blob is whole here.
  private func upload(_ hash: Digest, _ connection: Connection, _ space: SpaceID) throws -> Bool {
    let bytes: [UInt8]
    do {
      bytes = try blobs.read(hash)
    } catch is BlobStore.Failure {
      return false
    }
    _ = try connection.send(.put, Path.blob(space: space.hex, hash: hash.hex), bytes)
    return true
  }

  /// For an error; the beginning of the blob's name where the home is locked.
  private func fileName(withBlob hash: Digest) throws -> String {
    let file = try database.first(
      "SELECT version.file FROM version, json_each(version.blobs) AS blob WHERE blob.value = ?",
      .text(hash.hex)
    ) { try Self.recordID($0.blob(0)) }
    guard let file, !isLocked else { return String(hash.hex.prefix(16)) }
    return try vaultTree().path(of: file)
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
    var missing: [MissingBlob] = []
    for summary in try fileSummaries().values.sorted(by: { $0.version < $1.version }) {
      missing += try missingBlobs(sealedVersion(summary.version), share: nil)
    }
    let shares = try usableShares()
    for (space, shares) in Dictionary(grouping: shares, by: \.space).sorted(by: { $0.key < $1.key })
    {
      let wraps = try shares.map(\.content.wrap).filter { try wrap($0, in: space) == nil }
      try fetchWraps(wraps, of: space, connection)
    }
    for share in shares { missing += try missingBlobs(share.content, share: share) }
    try fetch(missing, connection, onBytes)
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

  /// A blob that is not here, and how to ask for it.
  private struct MissingBlob {
    let hash: Digest
    let byteCount: Int
    let path: String
  }

  private func missingBlobs(_ version: SealedVersion, share: Share?) throws -> [MissingBlob] {
    guard let byteCounts = version.blobByteCounts else { return [] }
    return try version.blobs.indices.compactMap { index in
      let hash = version.blobs[index]
      // A blob that was cut short is asked for again.
      guard try blobs.byteCount(hash) != byteCounts[index] else { return nil }
      let path =
        share.map {
          Path.shareBlob(space: $0.space.hex, share: $0.id.hex, index: index)
        } ?? Path.blob(space: version.vault.hex, hash: hash.hex)
      return MissingBlob(hash: hash, byteCount: byteCounts[index], path: path)
    }
  }

  private func fetch(
    _ missing: [MissingBlob], _ connection: Connection, _ onBytes: ByteProgress
  ) throws {
    let total = missing.reduce(UInt64(0)) { $0 + UInt64($1.byteCount) }
    var done: UInt64 = 0
    var isAltered = false
    // What two shares name is fetched once.
    var fetched: Set<Digest> = []
    for blob in missing where !fetched.contains(blob.hash) {
      do {
        if let bytes = try unlessWithheld({ try connection.send(.get, blob.path) }) {
          if try take(bytes, as: blob.hash) { fetched.insert(blob.hash) } else { isAltered = true }
        }
      } catch ReplicaError.server(.blobAltered) {
        isAltered = true
      }
      done += UInt64(blob.byteCount)
      onBytes(done, total)
    }
    // One bad copy holds up none of the others.
    if isAltered {
      throw ReplicaError.dishonest("the server's copy of a file is not what its name says")
    }
  }

  /// - Returns: whether the bytes are what was asked for.
  private func take(_ bytes: [UInt8], as hash: Digest) throws -> Bool {
    do {
      try blobs.store(bytes, as: hash)
      return true
    } catch BlobStore.Failure.altered {
      // The names will do: the bytes could be anything, and many.
      try keepEvidence(
        .other(hash.bytes + Hasher256.content(bytes).bytes), kind: "swapped blob", space: nil)
      return false
    }
  }

  /// `nil` for what the server does not have, or does not release to this account.
  private func unlessWithheld<Answer>(_ body: () throws -> Answer) throws -> Answer? {
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

import Merge
import Signing
import SyncProtocol

/// Blobs are hashed and written outside of the lock; these are the parts inside of it.
extension ServerCore {
  /// Whether the upload has to go on; `false` when the blob is there already.
  func beginBlobPut(_ request: Request, _ name: BlobName) throws -> Bool {
    guard !isClosed else { throw ErrorCode.serverFault }
    let session = try authorise(request.token, .blobPut(name))
    guard name.space == .vault(of: session.account) else { throw ErrorCode.notAllowed }
    guard request.body.count <= BlobLimits.byteCountMax else { throw ErrorCode.tooLarge }
    let table = BlobTable(database: database)
    if try table.contains(name) {
      try transaction { try table.touch(name, now: now) }
      return false
    }
    if try ErasedObjects(core: self).contains(name) { return false }
    try checkQuota(name, byteCount: request.body.count)
    incomingBlobs[name, default: 0] += 1
    return true
  }

  private func checkQuota(_ name: BlobName, byteCount: Int) throws {
    let used = try usedByteCount(name.space)
    guard used + counted(byteCount) <= options.quotaByteCountMax else {
      throw ErrorCode.quotaExceeded
    }
  }

  private func counted(_ byteCount: Int) -> UInt64 {
    max(UInt64(byteCount), options.blobByteCountMin)
  }

  /// Counted once and then kept up: adding up a million small blobs with every upload would hold up
  /// everybody.
  private func usedByteCount(_ space: SpaceID) throws -> UInt64 {
    if let known = usedByteCounts[space] { return known }
    let used = try BlobTable(database: database).byteCount(
      of: space, least: options.blobByteCountMin)
    if usedByteCounts.count >= Self.usedCountMax { usedByteCounts = [:] }
    usedByteCounts[space] = used
    return used
  }

  private static var usedCountMax: Int { 20_000 }

  /// - Parameter isStored: whether the bytes are durable.
  func endBlobPut(_ name: BlobName, byteCount: Int, isStored: Bool) throws {
    let left = (incomingBlobs[name] ?? 1) - 1
    incomingBlobs[name] = left > 0 ? left : nil
    guard isStored else { return }
    guard !isClosed else { throw ErrorCode.serverFault }
    if try ErasedObjects(core: self).contains(name) { return try removeErased([name]) }
    let isNew = try transaction {
      let table = BlobTable(database: database)
      // Another upload may have come first.
      let isNew = try !table.contains(name)
      if isNew { try checkQuota(name, byteCount: byteCount) }
      try table.insert(name, byteCount: byteCount, now: now)
      return isNew
    }
    if isNew { usedByteCounts[name.space]? += counted(byteCount) }
  }

  /// The blob that may be read, where the asker may read it.
  func blobName(_ request: Request, _ endpoint: Endpoint) throws -> BlobName {
    guard !isClosed else { throw ErrorCode.serverFault }
    let session = try authorise(request.token, endpoint)
    switch endpoint {
    case .blobGet(let name):
      guard try mayRead(name, session) else { throw ErrorCode.notAllowed }
      return name
    case .shareBlob(let space, let share, let index):
      return try sharedBlob(space, share, index, session)
    default: throw ErrorCode.notFound
    }
  }

  /// A vault's blobs are its owner's, and in an emergency those of whoever opened the deposit.
  private func mayRead(_ name: BlobName, _ session: Session) throws -> Bool {
    if name.space == .vault(of: session.account) { return true }
    return try EmergencyTable(core: self).releases(
      name.space, object: name.hash.bytes, session)
  }

  /// A shared file's blob, by its place in the share; audited before it is released.
  private func sharedBlob(
    _ space: SpaceID, _ share: RecordID, _ index: Int, _ session: Session
  ) throws -> BlobName {
    guard let state = try openedState(space), state.kind == .engagement,
      let vault = state.clientVault
    else { throw ErrorCode.notFound }
    let terms = try ShareTable(core: self, space: space).terms(of: share)
    let gate = ShareGate(
      state: state, account: session.account, now: now,
      isWithholding: try isWithholding(space))
    let outcome = gate.outcome(terms)
    try transaction {
      try AccessAudit(core: self).write(.blob, space, object: share.bytes, outcome, by: session)
    }
    if let failure = outcome.failure { throw failure }
    let blobs = terms?.content?["blobs"]?.array ?? []
    guard blobs.indices.contains(index), let hash = blobs[index].bytes.flatMap({ Digest($0) })
    else { throw ErrorCode.notFound }
    return BlobName(space: vault, hash: hash)
  }

  func missingBlobs(_ request: BlobsMissingRequest, _ session: Session) throws -> [UInt8] {
    guard request.space == .vault(of: session.account) else { throw ErrorCode.notAllowed }
    let table = BlobTable(database: database)
    let missing = try transaction {
      try request.hashes.filter { hash in
        let name = BlobName(space: request.space, hash: hash)
        guard try table.contains(name) else { return try !ErasedObjects(core: self).contains(name) }
        try table.touch(name, now: now)
        return false
      }
    }
    return BlobsMissingResponse(hashes: missing).encoded
  }

  // MARK: Garbage

  /// Removes the blobs and wraps that no accepted entry names for longer than a day, and files that
  /// an interrupted upload has left.
  func collectGarbage() throws {
    guard !isClosed else { throw ErrorCode.serverFault }
    let limit = Int64(now) - Int64(clamping: options.unnamedMilliseconds)
    let table = BlobTable(database: database)
    let unnamed = try table.unnamed(storedBefore: limit).filter { incomingBlobs[$0] == nil }
    try transaction {
      try WrapTable(database: database).collect(storedBefore: limit)
      try EmergencyTable(core: self).sweep()
      for name in unnamed { try table.remove(name) }
    }
    usedByteCounts = [:]
    for name in try blobs.names() where incomingBlobs[name] == nil {
      if try !table.contains(name) { try blobs.remove(name) }
    }
    try database.checkpoint()
  }
}

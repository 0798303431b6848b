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

  // MARK: Many at once

  func authoriseBlobs(_ request: Request, _ endpoint: Endpoint) throws {
    guard !isClosed else { throw ErrorCode.serverFault }
    _ = try authorise(request.token, endpoint)
  }

  /// Those of the blobs that have to be stored.
  func beginBlobsPut(
    _ request: Request, _ space: SpaceID, _ blobs: [StoredBlob]
  ) throws -> [StoredBlob] {
    guard !isClosed else { throw ErrorCode.serverFault }
    let session = try authorise(request.token, .blobsPut)
    guard space == .vault(of: session.account) else { throw ErrorCode.notAllowed }
    let table = BlobTable(database: database)
    let erased = ErasedObjects(core: self)
    var known: Set<BlobName> = []
    let wanted = try blobs.filter { blob in
      guard known.insert(blob.name).inserted, try !table.contains(blob.name) else { return false }
      return try !erased.contains(blob.name)
    }
    let waiting = Set(wanted.map(\.name))
    let there = try known.subtracting(waiting).sorted().filter { try table.contains($0) }
    if !there.isEmpty { try transaction { for name in there { try table.touch(name, now: now) } } }
    try checkQuota(space, wanted.map(\.bytes.count))
    for blob in wanted { incomingBlobs[blob.name, default: 0] += 1 }
    return wanted
  }

  private func checkQuota(_ space: SpaceID, _ byteCounts: [Int]) throws {
    let used = try usedByteCount(space)
    guard used + byteCounts.reduce(0, { $0 + counted($1) }) <= options.quotaByteCountMax else {
      throw ErrorCode.quotaExceeded
    }
  }

  /// - Parameter areStored: whether the bytes are durable.
  func endBlobsPut(_ blobs: [StoredBlob], areStored: Bool) throws {
    for blob in blobs {
      let left = (incomingBlobs[blob.name] ?? 1) - 1
      incomingBlobs[blob.name] = left > 0 ? left : nil
    }
    guard areStored, let space = blobs.first?.name.space else { return }
    guard !isClosed else { throw ErrorCode.serverFault }
    let erased = try blobs.filter { try ErasedObjects(core: self).contains($0.name) }.map(\.name)
    if !erased.isEmpty { try removeErased(erased) }
    let gone = Set(erased)
    let table = BlobTable(database: database)
    let new = try transaction {
      // Another upload may have come first.
      let new = try blobs.filter { try !gone.contains($0.name) && !table.contains($0.name) }
      try checkQuota(space, new.map(\.bytes.count))
      for blob in new { try table.insert(blob.name, byteCount: blob.bytes.count, now: now) }
      return new
    }
    usedByteCounts[space]? += new.reduce(0) { $0 + counted($1.bytes.count) }
  }

  /// The blobs that may be read: as many of those asked for as fit in an answer, `nil` for those that
  /// are not there or too large to travel with others.
  func blobNames(_ request: Request, _ message: BlobsFetchRequest) throws -> [BlobName?] {
    guard !isClosed else { throw ErrorCode.serverFault }
    let session = try authorise(request.token, .blobsFetch)
    guard message.space == .vault(of: session.account) else { throw ErrorCode.notAllowed }
    let table = BlobTable(database: database)
    var names: [BlobName?] = []
    var left = BlobBatch.byteCountMax
    for hash in message.hashes {
      let name = BlobName(space: message.space, hash: hash)
      let byteCount = try table.byteCount(of: name) ?? .max
      guard byteCount <= BlobBatch.blobByteCountMax else {
        names.append(nil)
        continue
      }
      guard byteCount <= left else { break }
      left -= byteCount
      names.append(name)
    }
    return names
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

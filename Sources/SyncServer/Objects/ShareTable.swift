import CBOR
import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// The shares of an engagement: whom their wraps and blobs are released to, and until when.
struct ShareTable {
  static let type = "share"

  let core: ServerCore
  let space: SpaceID

  /// What a share comes to: all its siblings count, and the most restrictive ones win.
  struct Terms {
    let isActive: Bool
    let isRevoked: Bool
    let untilMilliseconds: UInt64?
    let allowsViewing: Bool
    /// The shown content.
    let content: CBORMap?
    /// Wraps of all contents that stand.
    let wraps: Set<Digest>
  }

  func terms(of record: RecordID) throws -> Terms? {
    guard let type = core.store.schema.type(Self.type), try core.store.knows(space) else {
      return nil
    }
    let number = try core.store.number(of: space)
    let key = RowKey(space: number, type: Self.type, record: record)
    let state = try core.store.tables.shownState(key)
    guard state.created != nil, !state.isGone(type.concurrentDelete) else { return nil }
    let access = state.registers["access"]?.siblings.map { $0.value.map } ?? []
    let words = access.map { $0?["state"]?.text }
    let contents = state.registers["content"] ?? Register()
    let content = type.field("content")?.winner(of: contents, in: type)
    return Terms(
      isActive: !words.isEmpty && words.allSatisfy { $0 == "active" },
      isRevoked: words.contains("revoked"),
      untilMilliseconds: access.compactMap { $0?["until"]?.integer }
        .map { UInt64(clamping: $0) }.min(),
      allowsViewing: access.allSatisfy(Self.allowsViewing),
      content: content?.value.map,
      wraps: Set(contents.siblings.compactMap { Self.wrap($0.value.map) }))
  }

  private static func allowsViewing(_ access: CBORMap?) -> Bool {
    let words = access?["permissions"]?.array ?? []
    return words.contains(.text(Permission.viewFiles.rawValue))
  }

  static func wrap(_ content: CBORMap?) -> Digest? {
    content?["wrap"]?.bytes.flatMap { Digest($0) }
  }

  // MARK: Destroying

  /// Destroys the wraps that a share no longer stands by: all once it is revoked, else those of
  /// contents that were replaced.
  ///
  /// - Returns: whether there were any.
  func destroyStaleWraps(of record: RecordID) throws -> Bool {
    let terms = try terms(of: record)
    let standing = terms.map { $0.isRevoked ? [] : $0.wraps } ?? []
    let kept = try wraps("AND record = ?", [.blob(record.bytes)])
    return try destroy(kept.filter { !standing.contains($0) })
  }

  /// Destroys the wraps of all shares: the engagement has ended. In one statement for each table,
  /// however many there are.
  ///
  /// - Returns: whether there were any.
  func destroyAll() throws -> Bool {
    let isAny = try core.database.first(
      "SELECT 1 FROM share_wrap WHERE space = ? LIMIT 1", .blob(space.bytes)
    ) { _ in true }
    guard isAny == true else { return false }
    try WrapTable(database: core.database).destroyShares(of: space)
    try core.database.run("DELETE FROM share_wrap WHERE space = ?", .blob(space.bytes))
    return true
  }

  private func wraps(_ condition: String, _ arguments: [SQLValue]) throws -> [Digest] {
    try core.database.withStatement(
      "SELECT DISTINCT hash FROM share_wrap WHERE space = ? \(condition)"
    ) { row in
      try row.bind([.blob(space.bytes)] + arguments)
      var hashes: [Digest] = []
      while try row.step() {
        guard let hash = Digest(row.blob(0)) else { throw StateError.damaged }
        hashes.append(hash)
      }
      return hashes
    }
  }

  private func destroy(_ hashes: [Digest]) throws -> Bool {
    let table = WrapTable(database: core.database)
    for hash in hashes {
      try table.destroy(.space(space), hash)
      try core.database.run(
        "DELETE FROM share_wrap WHERE space = ? AND hash = ?", .blob(space.bytes),
        .blob(hash.bytes))
    }
    return !hashes.isEmpty
  }

  /// The share that a wrap belongs to; the first one where several name it.
  func record(ofWrap hash: Digest) throws -> RecordID? {
    try core.database.first(
      "SELECT record FROM share_wrap WHERE space = ? AND hash = ? ORDER BY record",
      .blob(space.bytes), .blob(hash.bytes)
    ) { RecordID($0.blob(0)) } ?? nil
  }
}

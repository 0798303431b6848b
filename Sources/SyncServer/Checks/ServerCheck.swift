import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Checks all that a server holds against itself, and makes anew what its logs tell.
struct ServerCheck {
  let core: ServerCore
  let repairs: Bool
  private var erased: Set<BlobName> = []

  init(core: ServerCore, repairs: Bool) {
    self.core = core
    self.repairs = repairs
  }

  mutating func run(_ report: inout CheckReport) throws {
    report.count(.database)
    for problem in try core.database.integrityCheck() { report.add(.database, problem, .none) }
    try checkChains(&report)
    let check = try SpaceCheck(of: core.store, ground: ServerGround(core: core))
    var named: Set<BlobName> = []
    erased = []
    for space in try core.store.spaceIDs() {
      try check.run(space, into: &report)
      try repair(space, &report)
      named.formUnion(try checkIndex(space, &report))
    }
    try checkWraps(&report)
    try checkBlobs(named.subtracting(erased), &report)
  }

  private func checkChains(_ report: inout CheckReport) throws {
    core.chains.forget()
    for reference in try core.chains.references() {
      report.count(.chains)
      do {
        try core.chains.verify(reference)
      } catch let error as SQLError {
        throw error
      } catch {
        report.add(.chains, "a chain does not verify (\(error))", .none)
      }
    }
  }

  /// From the log alone, where the log is whole.
  private func repair(_ space: SpaceID, _ report: inout CheckReport) throws {
    let problems = report.problems.filter { $0.space == space }
    guard repairs, !problems.isEmpty, problems.allSatisfy({ $0.remedy == .rebuild }) else { return }
    try core.transaction { try core.store.rebuild(space, source: core.chains) }
    report.repairs.append("made space \(space.hex.prefix(8)) anew from its log")
  }

  // MARK: Tables beside the log

  /// - Returns: the blobs that the log names.
  private mutating func checkIndex(_ space: SpaceID, _ report: inout CheckReport) throws -> Set<
    BlobName
  > {
    let index: SpaceIndex
    do {
      index = try SpaceIndex(core, space)
    } catch let error as SQLError {
      throw error
    } catch {
      // Said of the log or the state already.
      return []
    }
    for part in SpaceIndex.Part.allCases {
      report.count(.index)
      guard try !index.isRight(part) else { continue }
      report.add(.index, "the table \(part.rawValue) is not the log's", in: space, .rebuild)
      guard repairs else { continue }
      try core.transaction { try index.repair(part) }
      report.repairs.append("made \(part.rawValue) of space \(space.hex.prefix(8)) anew")
    }
    for account in try index.missingFeeds() {
      report.add(.index, "a member's feed does not have the space", in: space, .rebuild)
      guard repairs else { continue }
      try core.transaction { try FeedTable(database: core.database).move(space, for: account) }
      report.repairs.append("put space \(space.hex.prefix(8)) into a member's feed")
    }
    try checkNamed(index, &report)
    erased.formUnion(index.erased)
    return index.blobs
  }

  /// What the log names has to be here, and marked as what is not collected.
  private func checkNamed(_ index: SpaceIndex, _ report: inout CheckReport) throws {
    let owner = WrapOwner.space(index.space)
    for hash in index.wraps.sorted() {
      let isNamed = try core.database.first(
        "SELECT named FROM wrap WHERE owner = ? AND hash = ?", .blob(owner.encoded),
        .blob(hash.bytes)
      ) { $0.integer(0) != 0 }
      switch isNamed {
      case true?: continue
      case nil:
        report.add(
          .wraps, "wrap \(hash.hex.prefix(16)) is named and not here", in: index.space, .none)
      case false?:
        report.add(
          .wraps, "wrap \(hash.hex.prefix(16)) is named and not kept", in: index.space, .rebuild)
        guard repairs else { continue }
        try core.transaction { try WrapTable(database: core.database).keep(owner, hash) }
        report.repairs.append("kept wrap \(hash.hex.prefix(16))")
      }
    }
  }

  // MARK: Objects

  private func checkWraps(_ report: inout CheckReport) throws {
    try core.database.each("SELECT hash, bytes FROM wrap ORDER BY owner, hash") { row in
      report.count(.wraps)
      guard Hasher256.content(row.blob(1)).bytes != row.blob(0) else { return }
      report.add(
        .wraps, "wrap \(Hex.encode(row.blob(0)).prefix(16)) is not what its name says", .none)
    }
  }

  private func checkBlobs(_ named: Set<BlobName>, _ report: inout CheckReport) throws {
    let table = BlobTable(database: core.database)
    let rows = try core.database.rows(
      "SELECT space, hash, byte_count, named FROM blob ORDER BY space, hash"
    ) { row -> (name: BlobName, byteCount: Int64, isNamed: Bool) in
      guard let space = SpaceID(row.blob(0)), let hash = Digest(row.blob(1)) else {
        throw StateError.damaged
      }
      return (BlobName(space: space, hash: hash), row.integer(2), row.integer(3) != 0)
    }
    for row in rows {
      report.count(.blobs)
      let what = "blob \(row.name.hash.hex.prefix(16))"
      if let bytes = try core.blobs.bytes(row.name) {
        if Hasher256.content(bytes) != row.name.hash || Int64(bytes.count) != row.byteCount {
          report.add(.blobs, "\(what) is not what its name says", in: row.name.space, .none)
        }
      } else {
        report.add(.blobs, "\(what) is listed and not here", in: row.name.space, .none)
      }
      guard named.contains(row.name), !row.isNamed else { continue }
      report.add(.blobs, "\(what) is named and not kept", in: row.name.space, .rebuild)
      guard repairs else { continue }
      try core.transaction { try table.keep(row.name) }
      report.repairs.append("kept \(what)")
    }
    let listed = Set(rows.map(\.name))
    for name in named.subtracting(listed).sorted() {
      report.add(
        .blobs, "blob \(name.hash.hex.prefix(16)) is named and not here", in: name.space, .none)
    }
    try checkFiles(listed, named, &report)
  }

  /// Files that no row lists: an upload that was cut off has left them.
  private func checkFiles(
    _ listed: Set<BlobName>, _ named: Set<BlobName>, _ report: inout CheckReport
  ) throws {
    for name in try core.blobs.names() where !listed.contains(name) && !named.contains(name) {
      report.add(
        .blobs, "a file of blob \(name.hash.hex.prefix(16)) is listed nowhere", in: name.space,
        .discard)
      guard repairs else { continue }
      try core.blobs.remove(name)
      report.repairs.append("removed the file of blob \(name.hash.hex.prefix(16))")
    }
  }
}

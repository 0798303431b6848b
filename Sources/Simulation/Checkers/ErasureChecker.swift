import Database
import Foundation
import Merge
import Replica
import Signing
import SpaceStore
import SyncProtocol

/// Once all is well, nothing is left of what was deleted for good: neither key nor bytes, at the server
/// and on no device; and of a deleted account the server has nothing that its keys could open.
struct ErasureChecker {
  let run: Run

  /// Of one version: the name of its key's wrap, and its bytes' names.
  private struct Erased {
    let vault: SpaceID
    let wrap: Digest?
    let blobs: [Digest]
  }

  func problems() throws -> [String] {
    let erased = run.history.logs.sorted { $0.key < $1.key }.flatMap {
      Self.erased($0.value, $0.key)
    }
    let deleted = try deletedAccounts()
    guard !erased.isEmpty || !deleted.isEmpty else { return [] }
    // What could not be removed at once, or was sent once more by a home that was put back, goes with the
    // round of the next day.
    run.world.clock.advance(milliseconds: 25 * 60 * 60 * 1000)
    try run.world.server.collectGarbage()
    var found = try run.world.withServerStore { store in
      try erased.flatMap { try atServer($0, store.database) }
        + deleted.flatMap { try ofAccount($0, store.database) }
    }
    let names = Set(erased.flatMap(\.blobs).map(\.hex))
    found += try left(of: names, in: "server")
    for party in run.parties {
      let kept = try Self.keptAsRefused(by: party)
      found += try left(of: names.subtracting(kept), in: party.name)
      for wrap in erased.compactMap(\.wrap) where !kept.contains(wrap.hex) {
        let isHere = try party.replica.database.first(
          "SELECT 1 FROM wrap WHERE hash = ?", .blob(wrap.bytes)
        ) { _ in true }
        if isHere == true { found.append("\(party.name) holds the key of what was deleted") }
      }
    }
    return found
  }

  private func left(of names: Set<String>, in folder: String) throws -> [String] {
    try Self.files(in: "\(run.world.folder.path)/\(folder)/blobs")
      .filter { names.contains(String($0.prefix(64))) }
      .map { "\(folder) holds \($0), which was deleted for good" }
  }

  /// What was refused is its author's to throw away: both homes of a copied one have written it.
  private static func keptAsRefused(by party: Party) throws -> Set<String> {
    let writes = try party.rejected(in: party.replica.vault).flatMap(\.commit.changes)
      .filter { $0.type == "version" }.flatMap(\.writes)
    let named = writes.flatMap { $0.value.array ?? [$0.value] }
    return Set(named.compactMap { $0.bytes.flatMap { Digest($0) }?.hex })
  }

  /// Versions whose deletion was accepted.
  private static func erased(_ log: History.Log, _ space: SpaceID) -> [Erased] {
    log.model.records.filter { $0.key.type == "version" && !$0.value.deletions.isEmpty }
      .sorted { $0.key.record < $1.key.record }
      .map { _, record in
        Erased(
          vault: space, wrap: bytes(record, "wrap").flatMap { Digest($0) },
          blobs: record.writes["blobs"]?.first?.value?.array?
            .compactMap { $0.bytes.flatMap { Digest($0) } } ?? [])
      }
  }

  private static func bytes(_ record: ReferenceModel.History, _ key: String) -> [UInt8]? {
    record.writes[key]?.first?.value?.bytes
  }

  private func atServer(_ erased: Erased, _ database: any SQLDatabase) throws -> [String] {
    guard let wrap = erased.wrap else { return [] }
    let isHere = try database.first(
      "SELECT 1 FROM wrap WHERE owner = ? AND hash = ?",
      .blob(WrapOwner.space(erased.vault).encoded), .blob(wrap.bytes)
    ) { _ in true }
    return isHere == true ? ["the server holds the key of what was deleted for good"] : []
  }

  private func ofAccount(_ account: AccountID, _ database: any SQLDatabase) throws -> [String] {
    let owners = [WrapOwner.space(.vault(of: account)), .chain(.account(account))]
    return try owners.compactMap { owner in
      let count =
        try database.first(
          "SELECT COUNT(*) FROM wrap WHERE owner = ?", .blob(owner.encoded)
        ) { $0.integer(0) } ?? 0
      return count == 0 ? nil : "the server holds \(count) wraps of a deleted account"
    }
  }

  private func deletedAccounts() throws -> [AccountID] {
    Set(try run.parties.map { try $0.held.ownChain() }.filter(\.isDeleted).map(\.id)).sorted()
  }

  private static func files(in folder: String) throws -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    return try FileManager.default.subpathsOfDirectory(atPath: folder)
      .compactMap { $0.split(separator: "/").last.map(String.init) }.sorted()
  }
}

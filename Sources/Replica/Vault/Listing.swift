import Merge

/// One line of a listing of the vault.
public struct VaultItem: Sendable {
  public let id: RecordID
  public let kind: VaultTree.Kind
  public let name: String
  /// From the top.
  public let path: String
  /// Of the latest version; 0 for a folder.
  public let byteCount: Int64
  /// When the file on the disk was last modified; milliseconds since 1970.
  public let modifiedMilliseconds: Int64?
  public let versionCount: Int
  /// Whether the latest version can be opened without the server.
  public let isHere: Bool
}

extension Replica {
  /// What lies in a folder, by name, or the file at the path; the top where `path` is `nil`.
  public func vaultListing(_ path: String? = nil, recursive: Bool = false) throws -> [VaultItem] {
    let tree = try vaultTree()
    let start = try tree.entry(at: path ?? "")
    let summaries = try fileSummaries()
    if let start, start.kind == .file { return [try item(start, tree, summaries)] }
    let entries = recursive ? tree.descendants(of: start?.id) : tree.children(of: start?.id)
    return try entries.map { try item($0, tree, summaries) }
  }

  private func item(
    _ entry: VaultTree.Entry, _ tree: VaultTree, _ summaries: [RecordID: FileSummary]
  ) throws -> VaultItem {
    let summary = summaries[entry.id]
    return VaultItem(
      id: entry.id, kind: entry.kind, name: entry.name, path: tree.path(of: entry.id),
      byteCount: summary?.byteCount ?? 0, modifiedMilliseconds: summary?.modifiedMilliseconds,
      versionCount: summary?.versionCount ?? 0,
      isHere: try summary.map { try isHere(try sealedVersion($0.version), in: vault) } ?? false)
  }

  /// Whether the wrap and every blob lie here, whole by their sizes.
  func isHere(_ version: SealedVersion, in space: SpaceID) throws -> Bool {
    guard let byteCounts = version.blobByteCounts,
      try wrap(version.wrap, in: space) != nil
    else { return false }
    return try zip(version.blobs, byteCounts).allSatisfy { try blobs.byteCount($0) == $1 }
  }
}

import CBOR
import Merge

extension Replica {
  /// Renames a file or folder, or moves it into a folder. Nothing is sealed anew but a name.
  ///
  /// A `destination` that is a folder, or empty or `/` for the top, gets it under its name; otherwise its
  /// last part is the new name.
  ///
  /// - Returns: the new path.
  @discardableResult
  public func moveInVault(_ source: String, to destination: String) throws -> String {
    let tree = try vaultTree()
    guard let entry = try tree.entry(at: source) else {
      throw ReplicaError.badInput("the top of the vault cannot be moved")
    }
    let (folder, name) = try target(of: entry, destination, tree)
    if entry.kind == .folder, let folder, tree.contains(folder, below: entry.id) {
      throw ReplicaError.badInput("\(source) cannot be moved into itself")
    }
    if let problem = name.problem { throw ReplicaError.badInput(problem) }
    if let taken = tree.exactEntry(named: name, in: folder), taken.id != entry.id {
      throw ReplicaError.badInput("\(tree.path(of: taken.id)): the name is taken")
    }
    var writes: [Draft.Write] = []
    if VaultName(entry.name) != name || !entry.isOwnName {
      writes.append(Draft.Write("name", .text(name.text)))
    }
    if entry.parent != folder || entry.isDisplaced {
      let field = entry.kind == .folder ? "parent" : "folder"
      writes.append(Draft.Write(field, folder.map { .bytes($0.bytes) } ?? .null))
    }
    if !writes.isEmpty {
      let type = entry.kind == .folder ? "folder" : "file"
      let settled = Self.settling(tree, but: entry)
      try write(Draft([Draft.Change(.update, type, entry.id, writes)] + settled), in: vault)
    }
    let after = try vaultTree()
    let moved = after.files(at: entry.id)
    try followStanding(moved, after)
    return after.path(of: entry.id)
  }

  /// Makes it so that folders lie where they are shown: a move must not make others jump.
  private static func settling(
    _ tree: VaultTree, but moved: VaultTree.Entry
  ) -> [Draft.Change] {
    tree.displaced.filter { $0.id != moved.id }.prefix(Commit.changeCountMax - 1).map {
      Draft.Change(.update, "folder", $0.id, [Draft.Write("parent", .null)])
    }
  }

  private func target(
    of entry: VaultTree.Entry, _ destination: String, _ tree: VaultTree
  ) throws -> (folder: RecordID?, name: VaultName) {
    var parts = VaultTree.parts(of: destination)
    let own = VaultName(entry.name)
    guard let last = parts.popLast() else { return (nil, own) }
    let parentPath = parts.map(\.text).joined(separator: "/")
    let parent = try tree.entry(at: parentPath)
    guard parent?.kind != .file else {
      throw ReplicaError.badInput("\(parentPath): a file, not a folder")
    }
    let found = tree.entry(named: last, in: parent?.id)
    if let found, found.kind == .folder, found.id != entry.id { return (found.id, own) }
    guard !destination.hasSuffix("/") || found?.id == entry.id else {
      throw ReplicaError.notFound(destination)
    }
    return (parent?.id, last)
  }

  /// Deletes a file, or a folder with all that lies in it. Shares of what is deleted are revoked.
  ///
  /// - Parameter forever: destroys the keys and bytes of all versions as well, here and at the server.
  /// - Returns: how many files were deleted, and how many shares revoked.
  @discardableResult
  public func removeFromVault(
    _ path: String, recursive: Bool = false, forever: Bool = false
  ) throws -> (fileCount: Int, shareCount: Int) {
    let tree = try vaultTree()
    guard let entry = try tree.entry(at: path) else {
      throw ReplicaError.badInput("the top of the vault cannot be deleted")
    }
    guard entry.kind == .file || recursive else {
      throw ReplicaError.badInput("\(path): a folder; it takes --recursive to delete it")
    }
    let below = entry.kind == .folder ? tree.descendants(of: entry.id) : []
    // What lies in a folder goes before it.
    let entries: [VaultTree.Entry] = ([entry] + below).reversed()
    let files = entries.filter { $0.kind == .file }
    let shareCount = try leavingNothingBehind {
      let shareCount = try delete(entries, files, forever: forever)
      try collectUnnamedBlobs()
      return shareCount
    }
    return (files.count, shareCount)
  }

  /// - Returns: how many shares were revoked.
  private func delete(
    _ entries: [VaultTree.Entry], _ files: [VaultTree.Entry], forever: Bool
  ) throws -> Int {
    try transaction {
      // Revocations first, each a commit of its own, so that nothing holds them up.
      var shareCount = 0
      for file in files { shareCount += try revokeShares(ofFile: file.id, from: nil).count }
      try endStanding(of: entries)
      let versions = forever ? try versionDeletions(of: files.map(\.id)) : []
      let changes =
        versions
        + entries.map {
          Draft.Change(.delete, $0.kind == .folder ? "folder" : "file", $0.id)
        }
      for start in stride(from: 0, to: changes.count, by: Commit.changeCountMax) {
        let end = min(start + Commit.changeCountMax, changes.count)
        try write(Draft(Array(changes[start..<end])), in: vault)
      }
      return shareCount
    }
  }
}

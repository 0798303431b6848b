import Merge

/// The folders and files of a vault by their names. Lives in memory only, while the home is unlocked.
///
/// Whatever two devices did at once, every device shows the same tree: two entries of one name in one
/// folder are both shown, the later one as `name (2)`; folders that were moved into each other, and
/// what lies in a folder that is gone, are shown at the top.
public struct VaultTree: Sendable {
  public enum Kind: Sendable, Hashable {
    case folder
    case file
  }

  /// What the records say of one folder or file.
  struct Row {
    let id: RecordID
    let kind: Kind
    /// `nil` at the top.
    let parent: RecordID?
    /// `nil` where it cannot be opened.
    let name: String?
  }

  public struct Entry: Sendable, Hashable {
    public let id: RecordID
    public let kind: Kind
    /// `nil` at the top.
    public let parent: RecordID?
    /// As shown; unique in its folder.
    public let name: String
    /// Whether ``name`` is the name that the record holds.
    let isOwnName: Bool
    /// Whether it is shown at the top because it lies in itself, by way of others.
    let isDisplaced: Bool
  }

  private var entries: [RecordID: Entry] = [:]
  private var names: [RecordID?: [VaultName: RecordID]] = [:]

  /// The folders that had to be shown elsewhere, because they were moved into each other.
  var displaced: [Entry] {
    entries.values.filter(\.isDisplaced).sorted { $0.id < $1.id }
  }

  init(rows: [Row]) {
    let (parents, displaced) = Self.parents(of: rows)
    var folders: [RecordID?: [Row]] = [:]
    for row in rows { folders[parents[row.id] ?? nil, default: []].append(row) }
    for (parent, rows) in folders { place(rows, in: parent, displaced) }
  }

  // MARK: Placing

  /// The folder that each row is shown in, and the folders for which that is not their own.
  private static func parents(
    of rows: [Row]
  ) -> (parents: [RecordID: RecordID?], displaced: Set<RecordID>) {
    let folders = Dictionary(
      rows.filter { $0.kind == .folder }.map { ($0.id, $0.parent) },
      uniquingKeysWith: { first, _ in first })
    var result: [RecordID: RecordID?] = [:]
    for row in rows {
      guard let parent = row.parent, folders.keys.contains(parent) else {
        result[row.id] = .some(nil)
        continue
      }
      result[row.id] = .some(parent)
    }
    // Of folders that lie in each other, the oldest goes to the top.
    var displaced: Set<RecordID> = []
    for id in folders.keys.sorted() where lowest(ofCycleThrough: id, result) == id {
      result[id] = .some(nil)
      displaced.insert(id)
    }
    return (result, displaced)
  }

  /// The lowest id on the cycle that the folder is part of; `nil` where it is part of none.
  private static func lowest(
    ofCycleThrough start: RecordID, _ parents: [RecordID: RecordID?]
  ) -> RecordID? {
    var lowest = start
    var seen: Set<RecordID> = [start]
    var current = parents[start] ?? nil
    while let folder = current {
      if folder == start { return lowest }
      // It leads into a cycle that it is not part of.
      guard seen.insert(folder).inserted else { return nil }
      lowest = min(lowest, folder)
      current = parents[folder] ?? nil
    }
    return nil
  }

  private mutating func place(
    _ rows: [Row], in parent: RecordID?, _ displaced: Set<RecordID>
  ) {
    let sorted = rows.sorted { $0.id < $1.id }
    var taken: [VaultName: RecordID] = [:]
    for row in sorted where taken[Self.ownName(row)] == nil { taken[Self.ownName(row)] = row.id }
    for row in sorted {
      var name = Self.ownName(row)
      if taken[name] != row.id {
        var number = 2
        while taken[name.numbered(number)] != nil { number += 1 }
        name = name.numbered(number)
        taken[name] = row.id
      }
      entries[row.id] = Entry(
        id: row.id, kind: row.kind, parent: parent, name: name.text,
        isOwnName: name == VaultName(row.name ?? ""), isDisplaced: displaced.contains(row.id))
    }
    names[parent] = taken
  }

  private static func ownName(_ row: Row) -> VaultName {
    row.name.map { VaultName($0).safe } ?? VaultName("unreadable-\(row.id.hex.suffix(8))")
  }

  /// Takes a new entry in; nothing in its folder has its name.
  mutating func insert(_ id: RecordID, _ kind: Kind, _ name: VaultName, in parent: RecordID?) {
    precondition(names[parent]?[name] == nil, "the name is taken")
    entries[id] = Entry(
      id: id, kind: kind, parent: parent, name: name.text, isOwnName: true,
      isDisplaced: false)
    names[parent, default: [:]][name] = id
  }

  // MARK: Finding

  public subscript(id: RecordID) -> Entry? { entries[id] }

  /// The entry whose shown name is this one, byte for byte.
  func exactEntry(named name: VaultName, in folder: RecordID?) -> Entry? {
    names[folder]?[name].flatMap { entries[$0] }
  }

  /// The entry of a name in a folder; `nil` for the top.
  func entry(named name: VaultName, in folder: RecordID?) -> Entry? {
    guard let names = names[folder] else { return nil }
    if let id = names[name] { return entries[id] }
    // Typed in another Unicode form than it was stored in.
    return names.filter { $0.key.text == name.text }.min { $0.key < $1.key }
      .flatMap { entries[$0.value] }
  }

  /// The entries of a folder, by name; `nil` for the top.
  public func children(of folder: RecordID?) -> [Entry] {
    (names[folder] ?? [:]).sorted { $0.key < $1.key }.compactMap { entries[$0.value] }
  }

  /// The folders and files below a folder, each folder before what lies in it.
  public func descendants(of folder: RecordID?) -> [Entry] {
    children(of: folder).flatMap { [$0] + ($0.kind == .folder ? descendants(of: $0.id) : []) }
  }

  /// The path's parts. Leading, trailing and doubled slashes mean nothing.
  static func parts(of path: String) -> [VaultName] {
    path.utf8.split(separator: 0x2f).map { VaultName(String(Substring($0))) }
      .filter { $0.text != "." }
  }

  /// What lies at a path; `nil` for the top itself.
  ///
  /// - Throws: ``ReplicaError/notFound(_:)``.
  public func entry(at path: String) throws(ReplicaError) -> Entry? {
    var entry: Entry?
    for part in Self.parts(of: path) {
      guard entry?.kind != .file, let next = self.entry(named: part, in: entry?.id) else {
        throw .notFound(path)
      }
      entry = next
    }
    return entry
  }

  /// - Throws: ``ReplicaError/notFound(_:)``, ``ReplicaError/badInput(_:)`` for a folder.
  public func file(at path: String) throws(ReplicaError) -> Entry {
    guard let entry = try entry(at: path), entry.kind == .file else {
      throw .badInput("\(path): a folder, not a file")
    }
    return entry
  }

  /// `a/b/c.pdf`; empty for the top.
  public func path(of id: RecordID?) -> String {
    var parts: [String] = []
    var current = id.flatMap { entries[$0] }
    while let entry = current {
      parts.append(entry.name)
      current = entry.parent.flatMap { entries[$0] }
    }
    return parts.reversed().joined(separator: "/")
  }

  /// The folder and those that it lies in, nearest first; none for the top.
  func folders(from folder: RecordID?) -> [RecordID] {
    var found: [RecordID] = []
    var current = folder
    while let id = current, let entry = entries[id] {
      found.append(id)
      current = entry.parent
    }
    return found
  }

  /// The file, or the files below the folder.
  func files(at id: RecordID) -> [RecordID] {
    guard entries[id]?.kind == .folder else { return [id] }
    return descendants(of: id).filter { $0.kind == .file }.map(\.id)
  }

  /// Every file, in the order of their ids.
  var files: [Entry] {
    entries.values.filter { $0.kind == .file }.sorted { $0.id < $1.id }
  }

  public func contains(_ id: RecordID, below folder: RecordID) -> Bool {
    var current: RecordID? = id
    while let here = current {
      if here == folder { return true }
      current = entries[here]?.parent
    }
    return false
  }
}

import CBOR
import Database
import Merge
import Signing
import SpaceStore

/// What a listing says of a file without opening anything.
struct FileSummary {
  /// The latest version.
  let version: RecordID
  let byteCount: Int64
  /// Of the file on the disk that it came from; milliseconds since 1970.
  let modifiedMilliseconds: Int64?
  let versionCount: Int
}

extension Replica {
  /// The own vault, with the names opened.
  public func vaultTree() throws -> VaultTree {
    _ = try unlockedKeys()
    let folders = try shownRecords("folder", in: vault).map {
      try treeRow($0, .folder, parent: "parent")
    }
    let files = try shownRecords("file", in: vault).map {
      try treeRow($0, .file, parent: "folder")
    }
    return VaultTree(rows: folders + files)
  }

  private func treeRow(
    _ record: ShownRecord, _ kind: VaultTree.Kind, parent: String
  ) throws -> VaultTree.Row {
    VaultTree.Row(
      id: record.id, kind: kind,
      parent: record.value(parent)?.bytes.flatMap { RecordID($0) },
      name: try readableText(record, "name"))
  }

  /// One name that does not open must not hide all the others.
  func readableText(_ record: ShownRecord, _ field: String) throws -> String? {
    do {
      return try openText(record, field)
    } catch ReplicaError.cannotOpen {
      return nil
    }
  }

  // MARK: Versions

  private struct VersionRow {
    let id: RecordID
    let file: RecordID
    let byteCount: Int64
    let modifiedMilliseconds: Int64?
    let created: Position
  }

  /// Without those whose values the server withholds: the rest of the vault is shown all the same.
  private func versionRows(file: RecordID?) throws -> [VersionRow] {
    guard try store.knows(vault) else { return [] }
    let isIncomplete = try store.isIncomplete(vault)
    let rows: [VersionRow?] = try database.rows(
      "SELECT record, file, length, modified, _created FROM version WHERE space = ?1 "
        + "AND (?2 IS NULL OR file = ?2) ORDER BY record",
      .integer(try store.number(of: vault)), file.map { .blob($0.bytes) } ?? .null
    ) { row in
      guard let created = Position(stored: UInt64(bitPattern: row.integer(4))) else {
        throw ReplicaError.homeDamaged("version")
      }
      let file = row.optionalBlob(1)
      if file == nil, isIncomplete { return nil }
      return VersionRow(
        id: try Self.recordID(row.blob(0)), file: try Self.recordID(file ?? []),
        byteCount: row.integer(2), modifiedMilliseconds: row.optionalInteger(3),
        created: created)
    }
    let found = rows.compactMap { $0 }
    return try isIncomplete ? found.filter { try wholeVersion($0.id) != nil } : found
  }

  /// The latest by (clock reading of its creation, id): the same on every device.
  private func latest(_ rows: [VersionRow]) throws -> VersionRow? {
    guard rows.count > 1 else { return rows.first }
    return try rows.map { (time: try time(of: $0.created, in: vault), row: $0) }
      .max { ($0.time, $0.row.id) < ($1.time, $1.row.id) }?.row
  }

  /// For each file with a version; works while the home is locked.
  func fileSummaries(file: RecordID? = nil) throws -> [RecordID: FileSummary] {
    let byFile = Dictionary(grouping: try versionRows(file: file), by: \.file)
    return try byFile.compactMapValues { rows in
      try latest(rows).map {
        FileSummary(
          version: $0.id, byteCount: $0.byteCount,
          modifiedMilliseconds: $0.modifiedMilliseconds, versionCount: rows.count)
      }
    }
  }

  func sealedVersion(_ id: RecordID) throws -> SealedVersion {
    guard let version = try wholeVersion(id) else { throw ReplicaError.homeDamaged("version") }
    return version
  }

  /// `nil` where a value is missing.
  private func wholeVersion(_ id: RecordID) throws -> SealedVersion? {
    guard let record = try shownRecord("version", id, in: vault),
      let file = record.value("file")?.bytes.flatMap({ RecordID($0) })
    else { return nil }
    return SealedVersion(vault: vault, file: file, id: id, component: { record.value($0) })
  }

  /// - Throws: ``ReplicaError/fileNotHere(_:)`` where the file's versions have not arrived.
  func currentVersion(of file: RecordID, name: String) throws -> SealedVersion {
    guard let summary = try fileSummaries(file: file)[file] else {
      throw ReplicaError.fileNotHere(name)
    }
    return try sealedVersion(summary.version)
  }
}

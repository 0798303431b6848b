import Merge

/// A file that is being added: where it is from, and what its new version belongs to.
struct AddedFile {
  /// On the disk.
  let source: String
  /// As it was before it was read.
  let status: FileStatus
  let file: RecordID
  let version: RecordID
  let isNew: Bool
  let name: VaultName
  /// `nil` at the top.
  let folder: RecordID?

  /// What the records say of it once it is sealed.
  func changes(_ version: SealedVersion) -> [Draft.Change] {
    var writes = [Draft.Write("media_type", .text(MediaType.of(name.text)))]
    if isNew {
      writes.append(Draft.Write("name", .text(name.text)))
      if let folder { writes.append(Draft.Write("folder", .bytes(folder.bytes))) }
    }
    let entries = version.entries.map { Draft.Write($0.key, $0.value) }
    return [
      // Written again with every version, so that a delete elsewhere that has not seen this version
      // does not take it away (`edit_wins`).
      Draft.Change(isNew ? .create : .update, "file", file, writes),
      Draft.Change(
        .create, "version", self.version,
        [
          Draft.Write("file", .bytes(file.bytes)),
          Draft.Write("modified", .integer(status.modifiedMilliseconds)),
        ] + entries),
    ]
  }
}

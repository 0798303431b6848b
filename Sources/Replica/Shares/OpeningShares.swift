import Merge
import Sealing
import Signing
import SyncProtocol

/// Opening what others share with this account, as far as they allow it.
extension Replica {
  /// Gives `sink` the content of a shared file, once all of it was verified.
  ///
  /// - Throws: ``AccessDenial``, ``ReplicaError/fileAltered(_:)``, ``ReplicaError/fileNotHere(_:)``.
  public func readShared(
    _ item: ShareItem, sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try audited(.view, item.id, in: item.space) { noteGranted in
      let share = try allowedShare(item, .viewFiles)
      try show(try openableFile(share), onVerified: noteGranted, sink: sink)
    }
  }

  /// Writes a shared file into a folder of the disk, under its name there.
  ///
  /// - Returns: where it is now.
  /// - Throws: as ``readShared(_:sink:)``; ``ReplicaError/badInput(_:)`` where there is a file already
  ///   and `overwrite` is not set.
  @discardableResult
  public func getShared(
    _ item: ShareItem, to directory: String, overwrite: Bool = false
  ) throws -> String {
    try audited(.download, item.id, in: item.space) { noteGranted in
      let share = try allowedShare(item, .downloadFiles)
      let file = try openableFile(share)
      try DiskFolder.make(directory)
      // The name is another person's word: it must not lead anywhere else.
      let name = VaultName(file.name).safe.text
      let destination = directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
      try writeOut(file, to: destination, overwrite: overwrite, onVerified: noteGranted)
      return destination
    }
  }

  /// The share, if it may be used like this now.
  func allowedShare(_ item: ShareItem, _ permission: Permission) throws -> Share {
    guard let record = try shownRecord("share", item.id, in: item.space),
      let share = Share(record)
    else { throw ReplicaError.notFound(item.name) }
    if try client(of: share.space) == identity.account { return share }
    guard try isFromClient(share) else {
      try keepEvidence(of: share)
      throw AccessDenial.notFromClient
    }
    try noteTime()
    if let denial = try access(to: share).denial(
      of: permission, nowMilliseconds: try leaseNowMilliseconds)
    {
      throw denial
    }
    return share
  }

  private func keepEvidence(of share: Share) throws {
    let number = try store.number(of: share.space)
    guard let entry = try store.log.entry(space: number, at: share.record.created) else { return }
    try keepEvidence(.other(entry.encoded), kind: "share", space: share.space)
  }

  private func openableFile(_ share: Share) throws -> OpenableFile {
    let name = try shareName(share)
    // To the client it is a file of the own vault.
    if share.content.vault == vault { return try openableFile(share.file, path: name) }
    return OpenableFile(
      version: share.content, key: try sharedFileKey(share, name: name), name: name,
      modifiedMilliseconds: nil)
  }

  /// Opens a share's wrap with the account key that it is for.
  private func sharedFileKey(_ share: Share, name: String) throws -> FileKey {
    let keys = try unlockedKeys()
    guard let wrap = try wrap(share.content.wrap, in: share.space) else {
      throw ReplicaError.fileNotHere(name)
    }
    guard let generation = try ownChain().accountKeys.firstIndex(of: share.accountKey) else {
      throw ReplicaError.cannotOpen("share")
    }
    guard let key = try keys.exchange(.account(generation: generation)) else {
      throw ReplicaError.notReady("the account key has not arrived")
    }
    do {
      return try X25519Stanza.unwrap(wrap, with: key)
    } catch {
      throw ReplicaError.fileAltered(name)
    }
  }
}

import CBOR
import Merge
import Sealing
import Signing
import SpaceStore
import SyncProtocol

/// Wraps: small sealed keys, named by their hash and kept beside the space's log.
extension Replica {
  /// Keeps a wrap, to be sent before the commit that names it.
  func keepWrap(_ bytes: [UInt8], in space: SpaceID) throws -> Digest {
    let hash = Hasher256.content(bytes)
    try database.run(
      "INSERT OR IGNORE INTO wrap VALUES (?, ?, ?, 0)",
      .integer(try store.number(of: space)), .blob(hash.bytes), .blob(bytes))
    return hash
  }

  func wrap(_ hash: Digest, in space: SpaceID) throws -> [UInt8]? {
    try database.first(
      "SELECT bytes FROM wrap WHERE space = ? AND hash = ?",
      .integer(try store.number(of: space)), .blob(hash.bytes)
    ) { $0.blob(0) }
  }

  // MARK: File keys in the vault

  /// Seals a version's key under the vault's present epoch.
  func sealFileKey(
    _ key: FileKey, vault: SpaceID, file: RecordID, version: RecordID
  ) throws -> [UInt8] {
    guard let (epoch, epochKey) = try usableEpoch(of: vault) else {
      throw ReplicaError.notReady("the key of the vault has not arrived")
    }
    let hint = Array(epoch.bytes.prefix(SealedField.epochHintByteCount))
    return key.withBytes { secret in
      KeyWrap.seal(
        secret, key: epochKey, epochHint: hint,
        associatedData: Self.fileKeyContext(vault, file, version), random: environment.random)
    }
  }

  /// The key of a version in the own vault.
  ///
  /// - Throws: ``ReplicaError/fileNotHere(_:)`` while the wrap, its epoch or its key has not arrived,
  ///   ``ReplicaError/fileAltered(_:)``.
  func vaultFileKey(_ version: SealedVersion, name: String) throws -> FileKey {
    try fileKey(
      version.wrap, vault: version.vault, file: version.file, version: version.id, name: name)
  }

  /// The same file key under the vault's present epoch.
  func wrapAgain(
    _ wrap: Digest, vault: SpaceID, file: RecordID, version: RecordID
  ) throws -> Digest {
    let key = try fileKey(wrap, vault: vault, file: file, version: version, name: "file")
    return try keepWrap(
      sealFileKey(key, vault: vault, file: file, version: version), in: vault)
  }

  private func fileKey(
    _ hash: Digest, vault: SpaceID, file: RecordID, version: RecordID, name: String
  ) throws -> FileKey {
    let keys = try unlockedKeys()
    guard let wrap = try wrap(hash, in: vault) else { throw ReplicaError.fileNotHere(name) }
    guard let hint = KeyWrap.epochHint(of: wrap) else { throw ReplicaError.fileAltered(name) }
    // A log that was set back has its epochs again once they are handed back and pulled.
    guard let epoch = try store.state(vault).epoch(hint: hint),
      let epochKey = try keys.symmetric(.epoch(vault, epoch.id))
    else { throw ReplicaError.fileNotHere(name) }
    do {
      let secret = try KeyWrap.open(
        wrap, key: epochKey, associatedData: Self.fileKeyContext(vault, file, version))
      guard let key = FileKey(copying: secret) else { throw ReplicaError.fileAltered(name) }
      return key
    } catch is SealingError {
      throw ReplicaError.fileAltered(name)
    }
  }

  /// What a file key's wrap is bound to: CBOR of tag, suite, vault, file and version.
  private static func fileKeyContext(
    _ vault: SpaceID, _ file: RecordID, _ version: RecordID
  ) -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 5)
    writer.text("satchel/1/file-key")
    writer.unsigned(Domain.suite)
    writer.id(vault)
    writer.id(file)
    writer.id(version)
    return writer.bytes
  }
}

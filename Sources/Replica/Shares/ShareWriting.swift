import CBOR
import Merge
import Sealing
import Signing
import SyncProtocol

/// What a share is to give, and why.
struct ShareGrant {
  /// The file's name, as the other side sees it.
  let name: String
  let version: SealedVersion
  let terms: ConsentTerms
  /// Whether a device writes it by itself, for a standing share.
  var isAutomatic = false
  /// The request that it answers.
  var request: RecordID?
}

/// The commits that make, change and end shares.
extension Replica {
  /// Writes a share, or changes one: always with a new key wrap, because the server has destroyed that
  /// of a revoked share.
  func write(
    _ grant: ShareGrant, as id: RecordID, changing existing: Share?, key: FileKey,
    for account: AccountID, in space: SpaceID
  ) throws {
    let wrapped = try wrap(grant.version, key: key, for: account, in: space)
    let name = VaultName(grant.name).text
    var writes = [
      Draft.Write("name", .text(name)),
      Draft.Write("media_type", .text(MediaType.of(name))),
      Draft.Write("content", Share.content(wrapped)),
      Draft.Write(
        "access", Share.access(active: grant.terms, isAutomatic: grant.isAutomatic),
        shown: existing?.record.shownOrigins("access") ?? []),
    ]
    if grant.request != existing?.request {
      writes.append(Draft.Write("request", grant.request.map { .bytes($0.bytes) } ?? .null))
    }
    if existing != nil {
      try write(Draft([Draft.Change(.update, "share", id, writes)]), in: space)
      return
    }
    guard let approval = try store.state(space).consent.approvals.last else {
      throw ReplicaError.refused(Refusal(.grantUnknown))
    }
    writes += [
      Draft.Write("vault", .bytes(grant.version.vault.bytes)),
      Draft.Write("file", .bytes(grant.version.file.bytes)),
      Draft.Write("grant", .bytes(approval.packed)),
      Draft.Write("account_key", .bytes(try accountKey(of: account).bytes)),
    ]
    try write(Draft([Draft.Change(.create, "share", id, writes)]), in: space)
  }

  /// Gives a share's holder another version of its file.
  func write(
    content version: SealedVersion, key: FileKey, to share: Share, for account: AccountID
  ) throws {
    let wrapped = try wrap(version, key: key, for: account, in: share.space)
    try write(
      Draft([
        Draft.Change(
          .update, "share", share.id, [Draft.Write("content", Share.content(wrapped))])
      ]), in: share.space)
  }

  /// A commit of its own, so that nothing holds it up.
  ///
  /// - Parameter isAutomatic: whether a device ends it by itself: such a share may come back.
  func end(_ share: Share, isAutomatic: Bool) throws {
    try write(
      Draft([
        Draft.Change(
          .update, "share", share.id,
          [
            Draft.Write(
              "access", Share.accessRevoked(isAutomatic: isAutomatic),
              shown: share.record.shownOrigins("access"))
          ])
      ]), in: share.space)
    try audit(
      .revoke, share.id, in: share.space, .granted, detail: isAutomatic ? "standing" : nil)
  }

  /// One age stanza to the person's account key, kept beside the engagement.
  func wrap(
    _ version: SealedVersion, key: FileKey, for account: AccountID, in space: SpaceID
  ) throws -> SealedVersion {
    try requireUnchangedKey(of: account)
    let stanza = try X25519Stanza.wrap(
      key, to: try accountKey(of: account), random: environment.random)
    return version.wrapped(as: try keepWrap(stanza, in: space))
  }

  func accountKey(of account: AccountID) throws -> ExchangePublicKey {
    try requireOneHistory(of: account)
    guard let key = try chains.accountChain(account)?.accountKey else {
      throw ReplicaError.notReady("the keys of \(personName(account)) have not arrived")
    }
    return key
  }
}

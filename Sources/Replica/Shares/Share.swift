import CBOR
import Merge
import Signing

/// A share as its record says: which version of which file, for whom, for how long.
struct Share {
  let record: ShownRecord
  let file: RecordID
  /// The account key that the wrap is for.
  let accountKey: ExchangePublicKey
  let content: SealedVersion
  let isRevoked: Bool
  /// Milliseconds since 1970; `nil`: no end of its own.
  let untilMilliseconds: UInt64?
  let permissions: [Permission]

  var id: RecordID { record.id }
  var space: SpaceID { record.space }

  /// `nil` for a record that lacks what every share has.
  init?(_ record: ShownRecord) {
    guard let vault = record.value("vault")?.bytes.flatMap({ SpaceID($0) }),
      let file = record.value("file")?.bytes.flatMap({ RecordID($0) }),
      let accountKey = record.value("account_key")?.bytes.flatMap({ ExchangePublicKey($0) }),
      let content = record.value("content")?.map,
      let version = content["version"]?.bytes.flatMap({ RecordID($0) }),
      let sealed = SealedVersion(
        vault: vault, file: file, id: version, component: { content[$0] })
    else { return nil }
    // Of what devices wrote at once only what all of it allows counts, as at the server.
    let accesses = record.values("access")
    guard let first = accesses.first else { return nil }
    let terms = accesses.dropFirst().reduce(ConsentTerms(value: first)) {
      $0.intersection(ConsentTerms(value: $1))
    }
    self.record = record
    self.file = file
    self.accountKey = accountKey
    self.content = sealed
    isRevoked = !accesses.allSatisfy { $0.map?["state"]?.text == Self.active }
    untilMilliseconds = terms.untilMilliseconds
    permissions = terms.permissions
  }

  static let active = "active"
  static let revoked = "revoked"

  func isActive(nowMilliseconds now: UInt64) -> Bool {
    !isRevoked && untilMilliseconds.map { now < $0 } ?? true
  }

  // MARK: Values

  static func access(active terms: ConsentTerms) -> CBORValue {
    .map(CBORMap([(.text("state"), .text(active))] + terms.entries))
  }

  static let accessRevoked = CBORValue.map(
    CBORMap([(.text("state"), .text(revoked)), (.text("permissions"), .array([]))]))

  static func content(_ version: SealedVersion) -> CBORValue {
    let entries = version.entries.map { (key: CBORValue.text($0.key), value: $0.value) }
    return .map(CBORMap([(.text("version"), .bytes(version.id.bytes))] + entries))
  }
}

extension SealedVersion {
  /// The same version under another wrap.
  func wrapped(as wrap: Digest) -> SealedVersion {
    SealedVersion(
      vault: vault, file: file, id: id, blobs: blobs, byteCount: byteCount,
      commitment: commitment, wrap: wrap)
  }
}

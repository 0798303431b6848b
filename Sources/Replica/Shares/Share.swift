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
  /// Whether a device made it for a standing share, and no person has changed it since.
  let isAutomatic: Bool
  /// The request that it answers; `nil` for one that nobody asked for.
  let request: RecordID?

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
    isAutomatic = accesses.allSatisfy(Self.isAutomatic)
    request = record.value("request")?.bytes.flatMap { RecordID($0) }
  }

  private static func isAutomatic(_ access: CBORValue) -> Bool {
    access.map?["automatic"]?.bool == true
  }

  /// When a person took it back last, of what still stands.
  var endedByPerson: HybridTime? { lastEnd { !Self.isAutomatic($0) } }

  /// When a device ended it last by itself, of what still stands.
  var endedByDevice: HybridTime? { lastEnd(where: Self.isAutomatic) }

  private func lastEnd(where isMeant: (CBORValue) -> Bool) -> HybridTime? {
    record.siblings("access")
      .filter { $0.value.map?["state"]?.text == Self.revoked && isMeant($0.value) }
      .map(\.authorship.time).max()
  }

  var terms: ConsentTerms {
    ConsentTerms(permissions: permissions, untilMilliseconds: untilMilliseconds)
  }

  static let active = "active"
  static let revoked = "revoked"

  func isActive(nowMilliseconds now: UInt64) -> Bool {
    !isRevoked && untilMilliseconds.map { now < $0 } ?? true
  }

  // MARK: Values

  private static let automaticEntry = (
    key: CBORValue.text("automatic"), value: CBORValue.bool(true)
  )

  /// - Parameter isAutomatic: whether a device writes it by itself, for a standing share.
  static func access(active terms: ConsentTerms, isAutomatic: Bool = false) -> CBORValue {
    .map(
      CBORMap(
        [(.text("state"), .text(active))] + terms.entries + (isAutomatic ? [automaticEntry] : [])))
  }

  static func accessRevoked(isAutomatic: Bool = false) -> CBORValue {
    .map(
      CBORMap(
        [(.text("state"), .text(revoked)), (.text("permissions"), .array([]))]
          + (isAutomatic ? [automaticEntry] : [])))
  }

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

import CBOR
import Merge

/// A client's word that a folder, the whole vault, or a file while the engagement is active, is shared
/// with a person: what lies in it now and what comes later. Sealed in the vault; devices of the client
/// make a share of each file for it ([0025](../../../docs/decisions/0025-standing-shares.md)).
struct StandingShare {
  enum Target: Hashable {
    case vault
    case folder(RecordID)
    case file(RecordID)

    init(_ entry: VaultTree.Entry) {
      self = entry.kind == .folder ? .folder(entry.id) : .file(entry.id)
    }

    /// `nil` for the whole vault.
    var record: RecordID? {
      switch self {
      case .vault: nil
      case .folder(let id), .file(let id): id
      }
    }
  }

  /// What it gives.
  struct Terms: Hashable {
    /// Without ``Permission/viewFiles`` nothing is shared: it leaves out what another one would share.
    var permissions: [Permission]
    /// Milliseconds since 1970; `nil`: no end of its own.
    var untilMilliseconds: UInt64?
    /// How long past the consent's end: only while the engagement is active. `nil`: whatever becomes of
    /// the consent's end.
    var graceMilliseconds: UInt64?
    /// The request that it answers; it goes where another device has denied that.
    var request: RecordID?

    static let exclusion = Terms(permissions: [], untilMilliseconds: nil)

    init(
      permissions: [Permission], untilMilliseconds: UInt64?, graceMilliseconds: UInt64? = nil,
      request: RecordID? = nil
    ) {
      self.permissions = permissions
      self.untilMilliseconds = untilMilliseconds
      self.graceMilliseconds = graceMilliseconds
      self.request = request
    }
  }

  /// How long after its end an engagement still counts as active where nobody says otherwise (requirement
  /// A5). The consent that has run out opens nothing meanwhile; renewed in this time, shares go on.
  static let defaultGraceMilliseconds: UInt64 = 30 * 24 * 60 * 60 * 1000
  /// Ten years: what is longer is no grace.
  static let graceMillisecondsMax: UInt64 = 3650 * 24 * 60 * 60 * 1000

  let id: RecordID
  /// It ends with this engagement, and does not come back with another.
  let engagement: SpaceID
  let target: Target
  let terms: Terms
  /// When its terms were last written.
  let written: HybridTime
  let isSent: Bool

  var isExclusion: Bool { !terms.permissions.contains(.viewFiles) }

  /// Whether it says anything at a moment.
  func isInForce(nowMilliseconds now: UInt64) -> Bool {
    terms.untilMilliseconds.map { now < $0 } ?? true
  }

  /// What it says of a file in these folders, nearest first: the closer, the more it counts. `nil` where
  /// it does not concern the file.
  func distance(to file: RecordID, in folders: [RecordID]) -> Int? {
    switch target {
    case .file(let id): id == file ? 0 : nil
    case .folder(let id): folders.firstIndex(of: id).map { $0 + 1 }
    case .vault: Int.max
    }
  }

  /// What shares for it carry.
  ///
  /// - Parameter consentUntil: the end of the consent.
  func shareTerms(consentUntil: UInt64?) -> ConsentTerms {
    let activeUntil = terms.graceMilliseconds.flatMap { grace in
      consentUntil.map { end in
        let (sum, isOver) = end.addingReportingOverflow(grace)
        return isOver ? .max : sum
      }
    }
    return ConsentTerms(
      permissions: terms.permissions,
      untilMilliseconds: [terms.untilMilliseconds, activeUntil].compactMap(\.self).min())
  }
}

// MARK: Values

extension StandingShare.Terms {
  /// What ``encoded`` gave. A device of the account wrote it; what cannot be read gives nothing.
  init(decoding bytes: [UInt8]) {
    let value: CBORValue
    do {
      value = try CBORValue(decoding: bytes)
    } catch {
      self = .exclusion
      return
    }
    let terms = ConsentTerms(value: value)
    permissions = terms.permissions
    untilMilliseconds = terms.untilMilliseconds
    // Earlier versions say no more than that there is one.
    graceMilliseconds =
      value.map?["while_active"]?.bool ?? false
      ? value.map?["grace"]?.integer.flatMap { UInt64(exactly: $0) }
        ?? StandingShare.defaultGraceMilliseconds : nil
    request = value.map?["request"]?.bytes.flatMap { RecordID($0) }
  }

  /// CBOR of a map, sealed as a whole: its parts mean something together only.
  var encoded: [UInt8] {
    let terms = ConsentTerms(permissions: permissions, untilMilliseconds: untilMilliseconds)
    var entries = terms.entries
    if let graceMilliseconds {
      entries.append((.text("while_active"), .bool(true)))
      if graceMilliseconds != StandingShare.defaultGraceMilliseconds {
        entries.append((.text("grace"), .integer(Int64(clamping: graceMilliseconds))))
      }
    }
    if let request { entries.append((.text("request"), .bytes(request.bytes))) }
    return CBORValue.map(CBORMap(entries)).encoded
  }
}

extension StandingShare.Target {
  /// The field that names it; none for the whole vault.
  var writes: [Draft.Write] {
    switch self {
    case .vault: []
    case .folder(let id): [Draft.Write("folder", .bytes(id.bytes))]
    case .file(let id): [Draft.Write("file", .bytes(id.bytes))]
    }
  }
}

import CBOR
import Database
import Merge

/// One attempt to reach a file, as this device saw it (requirement A9). Who and from which device is this
/// account and this device.
public struct AuditEntry: Sendable {
  public enum Action: String, Sendable {
    case view
    case download
    case export
    case note
    case share
    case revoke
    /// A recovery kit of this account was made.
    case kit
    /// A recovery kit of this account was used.
    case recovery
    /// A person has said that what this restored device is shown is not old; see
    /// ``Replica/confirmFreshness(_:)``.
    case confirm
    case request
    case approve
    case deny
  }

  public enum Outcome: String, Sendable {
    case granted
    /// Not allowed.
    case refused
    /// Allowed, and not possible: not here, altered, disk full.
    case failed
  }

  public let number: Int64
  public let timeMilliseconds: UInt64
  public let action: String
  public let space: SpaceID?
  public let record: RecordID?
  public let outcome: String
  /// Never a name: codes and ids only.
  public let detail: String?
  /// What the file is called now; `nil` while locked, or when its space was left.
  public let name: String?
}

extension Replica {
  /// Writes a line of the audit log. Rows hold ids and codes, no names.
  func audit(
    _ action: AuditEntry.Action, _ record: RecordID, in space: SpaceID,
    _ outcome: AuditEntry.Outcome, detail: String? = nil
  ) throws {
    try database.run(
      "INSERT INTO audit (time, action, space, record, outcome, detail) "
        + "VALUES (?, ?, ?, ?, ?, ?)",
      .integer(Int64(try nowMilliseconds)), .text(action.rawValue), .blob(space.bytes),
      .blob(record.bytes), .text(outcome.rawValue), detail.map { .text($0) } ?? .null)
  }

  /// Writes a line about a device of the own account.
  func audit(_ action: AuditEntry.Action, device: DeviceID) throws {
    try database.run(
      "INSERT INTO audit (time, action, outcome, detail) VALUES (?, ?, ?, ?)",
      .integer(Int64(try nowMilliseconds)), .text(action.rawValue),
      .text(AuditEntry.Outcome.granted.rawValue), .text(device.hex))
  }

  /// Notes an attempt with what came of it, whatever that is.
  ///
  /// - Parameter body: calls its argument before anything of the content leaves the engine, so that
  ///   nothing is seen that is not in the log.
  func audited<Result>(
    _ action: AuditEntry.Action, _ record: RecordID, in space: SpaceID,
    _ body: (_ noteGranted: () throws -> Void) throws -> Result
  ) throws -> Result {
    do {
      return try body { try audit(action, record, in: space, .granted) }
    } catch {
      try auditFailure(action, record, in: space, error)
      throw error
    }
  }

  /// Notes an attempt that came to nothing.
  func auditFailure(
    _ action: AuditEntry.Action, _ record: RecordID, in space: SpaceID, _ error: any Error
  ) throws {
    switch error {
    case let error as AccessDenial:
      try audit(action, record, in: space, .refused, detail: error.code)
    case let error as ReplicaError:
      try audit(action, record, in: space, .failed, detail: error.auditCode)
    default: try audit(action, record, in: space, .failed)
    }
  }

  /// The audit log, oldest first; the last `countMax` lines of it.
  public func auditEntries(countMax: Int = .max) throws -> [AuditEntry] {
    let names = try isLocked ? [:] : auditNames()
    return try database.rows(
      "SELECT number, time, action, space, record, outcome, detail FROM "
        + "(SELECT * FROM audit ORDER BY number DESC LIMIT ?) ORDER BY number",
      .integer(Int64(clamping: countMax))
    ) { row in
      let record = row.optionalBlob(4).flatMap { RecordID($0) }
      return AuditEntry(
        number: row.integer(0), timeMilliseconds: UInt64(clamping: row.integer(1)),
        action: row.text(2),
        space: row.optionalBlob(3).flatMap { SpaceID($0) }, record: record,
        outcome: row.text(5), detail: row.optionalText(6),
        name: record.flatMap { names[$0] })
    }
  }

  private func auditNames() throws -> [RecordID: String] {
    var names: [RecordID: String] = [:]
    if try store.knows(vault) {
      let tree = try vaultTree()
      for entry in tree.descendants(of: nil) { names[entry.id] = tree.path(of: entry.id) }
    }
    for share in try allShares() { names[share.id] = try shareName(share) }
    return names
  }
}

extension ReplicaError {
  /// A word without anything of the content.
  fileprivate var auditCode: String {
    switch self {
    case .fileAltered: "altered"
    case .fileNotHere: "not-here"
    case .diskFull: "disk-full"
    case .locked: "locked"
    case .notReady: "not-ready"
    case .refused(let refusal): "\(refusal.code)"
    default: "failed"
    }
  }
}

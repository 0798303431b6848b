import Database
import Merge
import SyncProtocol

/// What only a dishonest server or peer explains, as it lies in this home.
public struct KeptEvidence: Sendable {
  public let number: Int64
  public let evidence: Evidence
}

extension Replica {
  /// Of one kind in one space: the first ones say it all.
  private static var evidenceCountMax: Int { 8 }
  /// Of all together. What is kept first stays: nobody pushes it out.
  private static var evidenceByteCountMax: Int { 64 << 20 }

  /// Keeps what only a dishonest server or peer explains. The same thing shown again adds nothing, and
  /// a server that goes on lying does not fill the disk.
  func keepEvidence(_ shown: ShownHistory, kind: String, space: SpaceID?) throws {
    var bytes = shown.encoded
    if bytes.count > Evidence.byteCountMax {
      bytes = ShownHistory.other(Array(bytes.prefix(Self.beginningByteCount))).encoded
    }
    let spaceID = space.map { SQLValue.blob($0.bytes) } ?? .null
    let kind = String(kind.prefix(200))
    let isKnown = try database.first(
      "SELECT 1 FROM evidence WHERE kind = ? AND bytes = ?", .text(kind), .blob(bytes)
    ) { _ in true }
    if isKnown != nil { return }
    let sameCount = try database.first(
      "SELECT COUNT(*) FROM evidence WHERE kind = ? AND space IS ?", .text(kind), spaceID
    ) { Int($0.integer(0)) }
    let all = try database.first("SELECT COUNT(*), COALESCE(SUM(LENGTH(bytes)), 0) FROM evidence") {
      (count: Int($0.integer(0)), byteCount: Int($0.integer(1)))
    }
    guard (sameCount ?? 0) < Self.evidenceCountMax,
      (all?.count ?? 0) < EvidenceFile.itemCountMax,
      (all?.byteCount ?? 0) + bytes.count <= Self.evidenceByteCountMax
    else {
      try settings.set(
        .evidenceLeftOut, number: (settings.number(.evidenceLeftOut) ?? 0) + 1)
      return
    }
    try database.run(
      "INSERT INTO evidence (time, space, kind, bytes, form) VALUES (?, ?, ?, ?, 1)",
      .integer(Int64(try nowMilliseconds)), spaceID, .text(kind), .blob(bytes))
  }

  /// Bytes kept of what is too large to be kept whole.
  private static var beginningByteCount: Int { 64 << 10 }

  /// All that is kept, oldest first. Needs no password.
  public func keptEvidence() throws -> [KeptEvidence] {
    try database.rows(
      "SELECT number, time, space, kind, bytes, form FROM evidence ORDER BY number",
      map: keptEvidence)
  }

  /// - Throws: ``ReplicaError/notFound(_:)``
  public func keptEvidence(_ number: Int64) throws -> KeptEvidence {
    let found = try database.first(
      "SELECT number, time, space, kind, bytes, form FROM evidence WHERE number = ?",
      .integer(number), map: keptEvidence)
    guard let found else { throw ReplicaError.notFound("evidence \(number)") }
    return found
  }

  /// How often something was not kept, because enough of its kind was.
  public func evidenceLeftOutCount() throws -> UInt64 {
    try settings.number(.evidenceLeftOut) ?? 0
  }

  private func keptEvidence(_ row: any SQLStatement) throws -> KeptEvidence {
    let shown: ShownHistory
    if row.integer(5) == 1 {
      shown = try ShownHistory(decoding: row.blob(4))
    } else {
      shown = .other(Array(row.blob(4).prefix(Evidence.byteCountMax)))
    }
    return KeptEvidence(
      number: row.integer(0),
      evidence: Evidence(
        kind: row.text(3), space: row.optionalBlob(2).flatMap { SpaceID($0) },
        timeMilliseconds: UInt64(clamping: row.integer(1)), server: identity.certificate,
        shown: shown))
  }
}

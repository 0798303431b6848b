import Merge
import Sealing
import Signing
import SyncProtocol

/// Secrets that this device handed out, to check who comes back with them.
extension Replica {
  enum HandedOutKind: String {
    case invitation
    case enrolment
    /// What an invited person is called by the one who invited.
    case name
  }

  private static func context(_ kind: HandedOutKind, _ lookup: Digest) -> [UInt8] {
    Array("satchel/1/handed-out/\(kind.rawValue)/".utf8) + lookup.bytes
  }

  /// Keeps a secret with what was said of it; see ``KeptSecret``.
  func handOut(_ kept: KeptSecret, lookup: Digest, kind: HandedOutKind) throws {
    try database.run(
      "INSERT INTO handed_out VALUES (?, ?, ?, 'open')", .blob(lookup.bytes),
      .text(kind.rawValue), .blob(try sealed(kept, lookup, kind)))
  }

  /// Keeps something else with the secret.
  func changeHandedOut(_ kept: KeptSecret, lookup: Digest, kind: HandedOutKind) throws {
    try database.run(
      "UPDATE handed_out SET sealed = ? WHERE lookup = ?",
      .blob(try sealed(kept, lookup, kind)), .blob(lookup.bytes))
  }

  private func sealed(
    _ kept: KeptSecret, _ lookup: Digest, _ kind: HandedOutKind
  ) throws -> [UInt8] {
    kept.sealed(
      as: Self.entryName(kind, lookup), key: try unlockedKeys().local(),
      random: environment.random)
  }

  /// The secret that was handed out under the lookup, used or not; `nil` where that was not done here,
  /// or by an earlier version, which sealed it as a text.
  func keptSecret(lookup: Digest, kind: HandedOutKind) throws -> KeptSecret? {
    guard let sealed = try sealedHandedOut(lookup, kind) else { return nil }
    let local = try unlockedKeys().local()
    do throws(SealingError) {
      return try KeptSecret(opening: sealed, as: Self.entryName(kind, lookup), key: local)
    } catch .authenticationFailed {
      return nil
    }
  }

  private static func entryName(_ kind: HandedOutKind, _ lookup: Digest) -> String {
    "handed-out/\(kind.rawValue)/\(lookup.hex)"
  }

  /// Keeps what is no secret to others, sealed as a text.
  func handOut(_ bytes: [UInt8], lookup: Digest, kind: HandedOutKind) throws {
    let sealed = try SealedField.seal(
      bytes, key: try unlockedKeys().local(),
      epochHint: [UInt8](repeating: 0, count: SealedField.epochHintByteCount),
      associatedData: Self.context(kind, lookup), random: environment.random)
    try database.run(
      "INSERT INTO handed_out VALUES (?, ?, ?, 'open')", .blob(lookup.bytes),
      .text(kind.rawValue), .blob(sealed))
  }

  /// What was handed out and has not come back.
  func openHandedOut(kind: HandedOutKind) throws -> [Digest] {
    try database.rows(
      "SELECT lookup FROM handed_out WHERE kind = ? AND state = 'open' ORDER BY lookup",
      .text(kind.rawValue)
    ) { try Self.digest($0.blob(0)) }
  }

  private func sealedHandedOut(_ lookup: Digest, _ kind: HandedOutKind) throws -> [UInt8]? {
    try database.first(
      "SELECT sealed FROM handed_out WHERE lookup = ? AND kind = ?", .blob(lookup.bytes),
      .text(kind.rawValue)
    ) { $0.blob(0) }
  }

  /// What was sealed as a text under the lookup, used or not; `nil` where that was not done here.
  func handedOut(lookup: Digest, kind: HandedOutKind) throws -> [UInt8]? {
    guard let sealed = try sealedHandedOut(lookup, kind) else { return nil }
    return try SealedField.open(
      sealed, key: try unlockedKeys().local(), associatedData: Self.context(kind, lookup))
  }

  func handedOutState(lookup: Digest) throws -> String? {
    try database.first("SELECT state FROM handed_out WHERE lookup = ?", .blob(lookup.bytes)) {
      $0.text(0)
    }
  }

  func closeHandedOut(lookup: Digest, state: String) throws {
    try database.run(
      "UPDATE handed_out SET state = ? WHERE lookup = ?", .text(state), .blob(lookup.bytes))
  }
}

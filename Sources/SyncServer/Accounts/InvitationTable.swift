import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Invitations by the hash of their secret, and who used them.
struct InvitationTable {
  /// One invitation as the server knows it.
  struct Row {
    let inviter: AccountID?
    let organisation: OrganisationID?
    let state: InvitationState
  }

  let database: SQLiteDatabase

  func insert(_ request: InvitationRequest, inviter: AccountID?) throws {
    try database.run(
      "INSERT INTO invitation (lookup, role, organisation, inviter, expires) "
        + "VALUES (?, ?, ?, ?, ?)",
      .blob(request.lookup.bytes), .text(request.role.rawValue),
      request.organisation.map { .blob($0.bytes) } ?? .null,
      inviter.map { .blob($0.bytes) } ?? .null, .integer(Int64(request.expiresMilliseconds)))
  }

  private static let columns =
    "SELECT lookup, role, organisation, inviter, expires, account, head, mac FROM invitation "

  func find(_ lookup: Digest) throws -> Row? {
    try database.first(
      Self.columns + "WHERE lookup = ?", .blob(lookup.bytes), map: Self.row)
  }

  /// Oldest first.
  func list(of inviter: AccountID) throws -> [InvitationState] {
    try database.rows(
      Self.columns + "WHERE inviter = ? ORDER BY number LIMIT 4096", .blob(inviter.bytes)
    ) { try Self.row($0).state }
  }

  func count(of inviter: AccountID) throws -> Int64 {
    try database.first(
      "SELECT COUNT(*) FROM invitation WHERE inviter = ?", .blob(inviter.bytes)
    ) { $0.integer(0) } ?? 0
  }

  func accept(_ lookup: Digest, _ acceptance: InvitationAcceptance) throws {
    try database.run(
      "UPDATE invitation SET account = ?, head = ?, mac = ? WHERE lookup = ?",
      .blob(acceptance.account.bytes), .blob(acceptance.accountHead.encoded),
      .blob(acceptance.mac.bytes), .blob(lookup.bytes))
  }

  /// Whether an account came with an inviter's invitation for a role.
  func hasAccepted(_ account: AccountID, _ role: Role, from inviter: AccountID) throws -> Bool {
    try database.first(
      "SELECT 1 FROM invitation WHERE account = ? AND inviter = ? AND role = ?",
      .blob(account.bytes), .blob(inviter.bytes), .text(role.rawValue)
    ) { _ in true } ?? false
  }

  private static func row(_ row: any SQLStatement) throws -> Row {
    guard let lookup = Digest(row.blob(0)), let role = Role(rawValue: row.text(1)),
      let expires = UInt64(exactly: row.integer(4))
    else { throw StateError.damaged }
    return Row(
      inviter: row.optionalBlob(3).flatMap { AccountID($0) },
      organisation: row.optionalBlob(2).flatMap { OrganisationID($0) },
      state: InvitationState(
        lookup: lookup, role: role, expiresMilliseconds: expires, acceptance: try acceptance(row)))
  }

  private static func acceptance(_ row: any SQLStatement) throws -> InvitationAcceptance? {
    guard let accountBytes = row.optionalBlob(5) else { return nil }
    guard let account = AccountID(accountBytes), let mac = Digest(row.blob(7)) else {
      throw StateError.damaged
    }
    return InvitationAcceptance(
      account: account, accountHead: try ChainPoint(decoding: row.blob(6)), mac: mac)
  }
}

import Database
import Merge
import Signing
import SyncProtocol

extension ServerCore {
  /// Creates an account with an invitation, in one transaction. The same request again gets the same
  /// answer: its first one may have been lost on the way.
  func createAccount(_ request: AccountRequest) throws -> [UInt8] {
    guard case .accountCreation(let creation) = request.creation.statement.body else {
      throw ErrorCode.malformed
    }
    guard Hasher256.content(request.accountKeyWrap) == creation.accountKeyWrap else {
      throw ErrorCode.malformed
    }
    let account = AccountID(request.creation.hash)
    let table = InvitationTable(database: database)
    guard let invitation = try table.find(request.invitation) else {
      throw ErrorCode.invitationUnknown
    }
    if invitation.state.acceptance?.account == account { return try head(of: account) }
    try check(invitation.state, for: request.role)
    guard try chains.accountChain(account) == nil else { throw ErrorCode.accountExists }
    try transaction {
      let chain = try chains.start(request.creation)
      try noteSettled(chain)
      try database.run(
        "INSERT INTO account VALUES (?, ?, ?)", .blob(account.bytes),
        .text(request.role.rawValue), .integer(Int64(now)))
      try WrapTable(database: database).store(
        request.accountKeyWrap, .chain(chain), by: account, isNamed: true, now: now)
      try table.accept(
        request.invitation,
        InvitationAcceptance(
          account: account, accountHead: request.creation.point, mac: request.acceptance))
    }
    if let inviter = invitation.inviter { news.tell(inviter) }
    return try head(of: account)
  }

  private func check(_ invitation: InvitationState, for role: Role) throws(ErrorCode) {
    guard invitation.acceptance == nil else { throw .invitationUsed }
    guard now < invitation.expiresMilliseconds else { throw .invitationExpired }
    guard invitation.role == role else { throw .invitationRoleWrong }
  }

  private func head(of account: AccountID) throws -> [UInt8] {
    guard let head = try signedHead(.account(account)) else { throw ErrorCode.serverFault }
    return head.encoded
  }

  // MARK: Invitations

  /// How far a device's clock may be ahead when it writes an expiry.
  private static var clockToleranceMilliseconds: UInt64 { 5 * 60 * 1000 }
  private static var invitationCountMax: Int64 { 4096 }

  func invite(_ request: InvitationRequest, _ session: Session) throws -> [UInt8] {
    try checkInviter(request, session.account)
    let now = now
    let latest =
      now + Invitation.lifetimeMilliseconds(request.role) + Self.clockToleranceMilliseconds
    guard request.expiresMilliseconds <= latest else { throw ErrorCode.notAllowed }
    guard request.expiresMilliseconds > now else { throw ErrorCode.invitationExpired }
    let table = InvitationTable(database: database)
    if let known = try table.find(request.lookup) {
      let isSame =
        known.inviter == session.account && known.organisation == request.organisation
        && known.state.role == request.role
        && known.state.expiresMilliseconds == request.expiresMilliseconds
      guard isSame else { throw ErrorCode.invitationUsed }
      return []
    }
    guard try table.count(of: session.account) < Self.invitationCountMax else {
      throw ErrorCode.quotaExceeded
    }
    try transaction { try table.insert(request, inviter: session.account) }
    return []
  }

  /// Administrators invite into their organisation, clients invite their family.
  private func checkInviter(_ request: InvitationRequest, _ account: AccountID) throws {
    switch request.role {
    case .admin, .practitioner, .client:
      guard let organisation = request.organisation,
        try chains.isAdmin(account, of: organisation)
      else { throw ErrorCode.notAllowed }
    case .family:
      guard request.organisation == nil, try role(of: account) == .client else {
        throw ErrorCode.notAllowed
      }
    case .owner, .contact, .staff, .server, .author: throw ErrorCode.notAllowed
    }
  }

  func invitations(of session: Session) throws -> [UInt8] {
    let table = InvitationTable(database: database)
    return InvitationList(invitations: try table.list(of: session.account)).encoded
  }
}

import Merge
import Signing
import SpaceStore
import SyncProtocol

extension ServerCore {
  /// Takes back a page that the log has lost. Whoever hands it back need not be a member here any
  /// more, or yet: the proof is in the page.
  func recover(_ request: RecoverRequest, _ session: Session) throws -> [UInt8] {
    guard request.page.head.isSigned(by: keys.log.publicKey) else { throw ErrorCode.badSignature }
    let writer = LogWriter(core: self)
    do {
      let newCount = try transaction {
        let count = try Recovery(writer: writer, page: request.page)
          .run(from: request.incarnation)
        try writer.finish()
        return count
      }
      if writer.destroysWraps { _ = try database.checkpoint() }
      return RecoverResponse(isTaken: true, newCount: newCount).encoded
    } catch is Recovery.Waits {
      return RecoverResponse(isTaken: false, newCount: 0).encoded
    }
  }

  /// Takes back what was lost of a chain: its statements are signed by their authors, and their order
  /// by this server. Asks for no session: who was lost with the chain could not open one.
  func restoreChain(_ request: ChainRestoreRequest) throws -> [UInt8] {
    let chain = request.part.head.chain
    guard request.part.head.isSigned(by: keys.log.publicKey) else { throw ErrorCode.badSignature }
    guard let last = request.part.statements.last, last.point == request.part.head.point else {
      throw ErrorCode.malformed
    }
    try transaction {
      var isNew = false
      for signed in request.part.statements {
        if let known = try chains.statement(chain, at: signed.statement.index) {
          guard known.hash == signed.hash else { throw ErrorCode.chainSuperseded }
          continue
        }
        isNew = true
        if signed.statement.index == 0 {
          guard try chains.start(signed) == chain else { throw ErrorCode.malformed }
        } else {
          try chains.append(signed, to: chain)
        }
      }
      guard isNew else { return }
      try follow(chain, request.role)
    }
    return []
  }

  private func follow(_ chain: ChainReference, _ role: Role?) throws {
    switch chain {
    case .account(let account):
      if try self.role(of: account) == nil {
        guard let role else { throw ErrorCode.malformed }
        try database.run(
          "INSERT INTO account VALUES (?, ?, ?)", .blob(account.bytes), .text(role.rawValue),
          .integer(Int64(now)))
      }
      try bringAccount(account)
    case .team(let team): try bringTeam(team)
    case .organisation: break
    }
  }
}

import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

extension ServerCore {
  /// A new device asks to join an account; anyone may ask, and only the account's devices approve.
  func requestEnrolment(_ request: EnrolmentRequest) throws -> [UInt8] {
    guard try chains.accountChain(request.account) != nil else { throw ErrorCode.enrolmentUnknown }
    let message = request.certificate.proofMessage(for: request.account)
    guard request.certificate.identity.verify(request.proof, of: message, .deviceProof) else {
      throw ErrorCode.badSignature
    }
    if let known = try enrolment(request.account, request.lookup)?.request {
      guard known == request else { throw ErrorCode.notAllowed }
      return []
    }
    try transaction {
      try makeRoomForEnrolment(request.account)
      try database.run(
        "INSERT INTO enrolment (account, lookup, request, created) VALUES (?, ?, ?, ?)",
        .blob(request.account.bytes), .blob(request.lookup.bytes), .blob(request.encoded),
        .integer(Int64(now)))
    }
    return []
  }

  /// Expired ones go, then the oldest: strangers cannot keep the account's own devices out for long.
  private func makeRoomForEnrolment(_ account: AccountID) throws {
    try database.run(
      "DELETE FROM enrolment WHERE account = ? AND created <= ?", .blob(account.bytes),
      .integer(enrolmentLimit))
    try database.run(
      "DELETE FROM enrolment WHERE account = ? AND number NOT IN "
        + "(SELECT number FROM enrolment WHERE account = ? ORDER BY number DESC LIMIT ?)",
      .blob(account.bytes), .blob(account.bytes), .integer(Int64(options.enrolmentCountMax - 1)))
  }

  /// Made at this time or before: expired.
  private var enrolmentLimit: Int64 {
    Int64(now) - Int64(clamping: options.enrolmentMilliseconds)
  }

  private func enrolment(
    _ account: AccountID, _ lookup: Digest
  ) throws -> (request: EnrolmentRequest, result: EnrolmentResult)? {
    try database.first(
      "SELECT request, answer, approval FROM enrolment "
        + "WHERE account = ? AND lookup = ? AND created > ?",
      .blob(account.bytes), .blob(lookup.bytes), .integer(enrolmentLimit)
    ) { row in
      (
        try EnrolmentRequest(decoding: row.blob(0)),
        EnrolmentResult(
          answer: try row.optionalBlob(1).map { try EnrolmentAnswer(decoding: $0) },
          approval: try row.optionalBlob(2).map { try EnrolmentApproval(decoding: $0) })
      )
    }
  }

  func enrolments(of session: Session) throws -> [UInt8] {
    let asking = try database.rows(
      "SELECT request, answer FROM enrolment "
        + "WHERE account = ? AND approval IS NULL AND created > ? ORDER BY number LIMIT 16",
      .blob(session.account.bytes), .integer(enrolmentLimit)
    ) { row in
      (
        request: try EnrolmentRequest(decoding: row.blob(0)),
        answer: try row.optionalBlob(1).map { try EnrolmentAnswer(decoding: $0) }
      )
    }
    // Whom somebody has said no to is not asked about again.
    let requests = asking.filter { $0.answer.map { $0.nonce != nil } ?? true }.map(\.request)
    return EnrolmentList(requests: requests).encoded
  }

  /// Keeps what a device of the account shows to the one that asks, or that it says no. A nonce that
  /// was shown stays; no is the last word.
  func answerEnrolment(_ answer: EnrolmentAnswer, _ session: Session) throws -> [UInt8] {
    guard let found = try enrolment(session.account, answer.lookup) else {
      throw ErrorCode.enrolmentUnknown
    }
    if found.result.answer == answer { return [] }
    guard found.result.approval == nil, found.result.answer == nil || answer.nonce == nil else {
      throw ErrorCode.notAllowed
    }
    try transaction {
      try database.run(
        "UPDATE enrolment SET answer = ? WHERE account = ? AND lookup = ?",
        .blob(answer.encoded), .blob(session.account.bytes), .blob(answer.lookup.bytes))
    }
    return []
  }

  /// Keeps the approving device's word; the device itself is certified by the account's chain.
  func approveEnrolment(_ approval: EnrolmentApproval, _ session: Session) throws -> [UInt8] {
    guard let found = try enrolment(session.account, approval.lookup) else {
      throw ErrorCode.enrolmentUnknown
    }
    guard let chain = try chains.accountChain(session.account),
      chain.contains(approval.accountHead),
      let device = chain.devices[found.request.certificate.device],
      device.certificate == found.request.certificate,
      device.addedAt <= approval.accountHead.index
    else { throw ErrorCode.notAllowed }
    try transaction {
      try database.run(
        "UPDATE enrolment SET approval = ? WHERE account = ? AND lookup = ?",
        .blob(approval.encoded), .blob(session.account.bytes), .blob(approval.lookup.bytes))
    }
    return []
  }

  func enrolmentResult(_ query: EnrolmentQuery) throws -> [UInt8] {
    guard let found = try enrolment(query.account, query.lookup) else {
      throw ErrorCode.enrolmentUnknown
    }
    guard let approval = found.result.approval else { return found.result.encoded }
    let chain = try chainPart(.account(query.account), from: 0)
    return EnrolmentResult(answer: found.result.answer, approval: approval, chain: chain).encoded
  }
}

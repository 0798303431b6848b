import Merge
import SyncProtocol

extension ServerCore {
  /// Unknown accounts get a challenge too: whether an account exists is not told for asking.
  func challenge(_ request: ChallengeRequest) -> [UInt8] {
    let now = now
    let nonce = sessions.challenge(request, now: now, random: environment.random)
    return Challenge(nonce: nonce, timeMilliseconds: now).encoded
  }

  func openSession(_ request: SessionRequest) throws -> [UInt8] {
    let now = now
    let isFresh = sessions.takeChallenge(
      request.nonce, account: request.account, device: request.device, now: now)
    guard isFresh else { throw ErrorCode.sessionExpired }
    guard let device = try chains.accountChain(request.account)?.devices[request.device] else {
      throw ErrorCode.deviceUnknown
    }
    let certificate = device.certificate
    let key = request.scope == .full ? certificate.identity : certificate.transport
    let message = SessionRequest.message(
      server: keys.certificate.identity, account: request.account, device: request.device,
      scope: request.scope, nonce: request.nonce)
    guard key.verify(request.signature, of: message, .session) else {
      throw ErrorCode.badSignature
    }
    // With its transport key it may still learn why, and report what it purged.
    if device.revokedAt != nil, request.scope == .full { throw ErrorCode.deviceRevoked }
    let (token, session) = sessions.open(
      account: request.account, device: request.device, scope: request.scope, now: now,
      random: environment.random)
    return SessionGrant(
      token: token, expiresMilliseconds: session.expiresMilliseconds, timeMilliseconds: now
    ).encoded
  }

  /// Ends every session of the device that asks.
  func endSessions(of session: Session) -> [UInt8] {
    sessions.end(of: session.device)
    return []
  }

  /// Keeps a device's word that it has purged a space; `Path.purged`.
  func takePurgeReport(_ report: PurgeReport, _ session: Session) throws -> [UInt8] {
    guard report.timeMilliseconds < 1 << 48 else { throw ErrorCode.malformed }
    guard
      let device = try chains.accountChain(session.account)?.devices[report.device]?.certificate
    else { throw ErrorCode.deviceUnknown }
    let message = PurgeReport.message(
      space: report.space, device: report.device, timeMilliseconds: report.timeMilliseconds)
    guard device.transport.verify(report.signature, of: message, .purgeReport) else {
      throw ErrorCode.badSignature
    }
    // Only of spaces that the account ever had anything of; else reports could fill the disk.
    guard try membership(session.account, in: report.space) != nil else {
      throw ErrorCode.notAllowed
    }
    try transaction {
      try makeRoomForPurgeReport(report)
      try database.run(
        "INSERT INTO purge_report VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        .blob(report.space.bytes), .blob(report.device.bytes),
        .integer(Int64(report.timeMilliseconds)), .integer(Int64(now)),
        .blob(report.signature.bytes))
    }
    return []
  }

  private static var purgeReportCountMax: Int64 { 16 }

  /// A device purges a space seldom; of many reports, each with another time, the latest are kept.
  private func makeRoomForPurgeReport(_ report: PurgeReport) throws {
    try database.run(
      "DELETE FROM purge_report WHERE space = ?1 AND device = ?2 AND time <> ?3 AND time NOT IN "
        + "(SELECT time FROM purge_report WHERE space = ?1 AND device = ?2 AND time <> ?3 "
        + "ORDER BY received DESC, time DESC LIMIT ?4)",
      .blob(report.space.bytes), .blob(report.device.bytes),
      .integer(Int64(report.timeMilliseconds)), .integer(Self.purgeReportCountMax - 1))
  }
}

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
}

import Merge
import Signing
import SyncProtocol

/// Lies about what there is, and about chains.
extension LyingServer {
  func alter(_ lie: Lie, feed: FeedResponse, _ request: Request) throws -> Response? {
    guard lie == .frozen else { return nil }
    let after = try FeedRequest(decoding: request.body).after
    return .success(
      FeedResponse(position: after, moved: [], timeMilliseconds: feed.timeMilliseconds).encoded)
  }

  func alter(_ lie: Lie, chains: ChainResponse, _ victim: Party) throws -> Response? {
    switch lie {
    case .ghostDevice, .substitutedAccount:
      let parts = try chains.parts.map { try withGhost(lie, $0, victim) }
      return .success(ChainResponse(parts: parts).encoded)
    case .shorterChain, .otherChain, .forgedStatement, .staleAccountChain, .hiddenRevocation,
      .hiddenRemoval:
      break
    default: return nil
    }
    let parts = try chains.parts.map { try forged(lie, $0, victim) }
    return .success(ChainResponse(parts: parts).encoded)
  }

  private func forged(_ lie: Lie, _ part: ChainPart, _ victim: Party) throws -> ChainPart {
    let chain = part.head.chain
    let known = try victim.held.chains.statements(chain)
    guard let last = known.last else { return part }
    switch lie {
    case .staleAccountChain, .hiddenRevocation, .hiddenRemoval:
      guard chain.isTold(of: lie) else { return part }
      return ChainPart(head: sign(chain, last.point), statements: [])
    case .shorterChain:
      guard known.count > 1 else { return part }
      return ChainPart(head: sign(chain, known[known.count - 2].point), statements: [])
    case .otherChain: return chainPart(chain, [statement(like: last, previous: .zero)])
    default: return chainPart(chain, [statement(like: last, previous: last.hash)])
    }
  }

  func chainPart(_ chain: ChainReference, _ statements: [SignedStatement]) -> ChainPart {
    guard let last = statements.last else { preconditionFailure("there is a statement") }
    return ChainPart(head: sign(chain, last.point), statements: statements)
  }

  /// The same thing once more at the next place, signed by the server.
  private func statement(like last: SignedStatement, previous: Digest) -> SignedStatement {
    let statement = last.statement
    return SignedStatement(
      Statement(
        subject: statement.subject, index: statement.index + 1, previous: previous,
        account: statement.account, device: statement.device, timeMilliseconds: 1,
        body: statement.body),
      key: keys.log)
  }

  /// What an honest server has accepted of a push to the space was refused, it says.
  func alter(
    _ lie: Lie, push bytes: [UInt8], _ request: Request, _ space: SpaceID
  ) throws -> Response? {
    guard lie == .refusedWithoutReason || lie == .otherVerdict else { return nil }
    let push = try PushRequest(decoding: request.body)
    let isOfCommits = push.items.allSatisfy { if case .segment = $0 { true } else { false } }
    guard push.space == space, isOfCommits else { return nil }
    let honest = try PushResponse(decoding: bytes)
    let verdicts = honest.verdicts.map { verdict -> PushVerdict in
      guard case .accepted(let position) = verdict else { return verdict }
      return .refused(position, Refusal(.notAllowed))
    }
    return .success(PushResponse(verdicts: verdicts, last: honest.last).encoded)
  }
}

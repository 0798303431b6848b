import Merge
import Signing

/// One engagement, as far as its standing shares need it.
struct StandingGround {
  let space: SpaceID
  /// The other side.
  let account: AccountID
  /// The key that it has now.
  let key: ExchangePublicKey
  let consentUntilMilliseconds: UInt64?
  /// What is in force.
  let standing: [StandingShare]
  let nowMilliseconds: UInt64

  /// What is to be given of a file in these folders, nearest first: what the closest standing share
  /// says, of several on one target the latest.
  func wanted(
    for file: RecordID, in folders: [RecordID]
  ) -> (terms: ConsentTerms, since: HybridTime)? {
    let closest = standing.compactMap { share in
      share.distance(to: file, in: folders).map { (distance: $0, share: share) }
    }.min { left, right in
      if left.distance != right.distance { return left.distance < right.distance }
      return (right.share.written, right.share.id) < (left.share.written, left.share.id)
    }
    guard let share = closest?.share, !share.isExclusion else { return nil }
    let terms = share.shareTerms(consentUntil: consentUntilMilliseconds)
    if let until = terms.untilMilliseconds, until <= nowMilliseconds { return nil }
    return (terms, share.written)
  }
}

extension Replica {
  /// Engagements in which shares can be made now, with what stands for them.
  ///
  /// - Throws: ``ReplicaError/notReady(_:)`` while a standing share cannot be opened.
  func standingGrounds(except left: Set<SpaceID> = []) throws -> [StandingGround] {
    let all = try standingShares()
    let now = try nowMilliseconds
    return try sharingEngagements().filter { !left.contains($0) }.compactMap { space in
      let state = try store.state(space)
      guard state.ended == nil, try !isForked(space), try usableEpoch(of: space) != nil,
        let account = try practitioner(of: space), state.role(of: account) != nil,
        let key = try chains.accountChain(account)?.accountKey
      else { return nil }
      let consent = try consent(of: space)
      guard consent.status == .active else { return nil }
      return StandingGround(
        space: space, account: account, key: key,
        consentUntilMilliseconds: consent.terms.untilMilliseconds,
        standing: all.filter { $0.engagement == space && $0.isInForce(nowMilliseconds: now) },
        nowMilliseconds: now)
    }
  }
}

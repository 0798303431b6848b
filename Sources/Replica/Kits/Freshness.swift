import Merge
import SpaceStore
import SyncProtocol

/// A device that came with a recovery kit knows nothing but what the server shows. It is an old state
/// perhaps, until somebody else has signed that they have seen the one with this device in it.
extension Replica {
  /// Whether nobody has confirmed yet what the server shows since this device was restored.
  public func isFreshnessUnproven() throws -> Bool {
    try settings.number(.freshnessUnproven) != nil
  }

  /// Looks for a signature of another device, of this account or of somebody else, over a history in
  /// which this device is certified already. The signer has compared it with what they knew before.
  ///
  /// - Parameter views: verified, and compared with the own log.
  func noteFreshness(_ views: [SignedView], in space: SpaceID) throws {
    guard try isFreshnessUnproven() else { return }
    let state = try store.state(space)
    guard let own = state.devices[identity.device] else { return }
    let isConfirmed = views.contains { view in
      let device = view.replica.device
      return device != identity.device && device != identity.certificate.device
        && state.devices[device]?.until == nil && view.seen.incarnation == state.incarnation
        && view.seen.position >= own.since && view.seen.position <= state.position
    }
    if isConfirmed { try settings.remove(.freshnessUnproven) }
  }

  // MARK: By hand

  /// How far an account's chain goes, as the server shows it now, for people to compare.
  ///
  /// - Throws: ``ReplicaError/notReachable(_:)``, ``ReplicaError/dishonest(_:)``.
  public func headFingerprint(
    of account: AccountID, _ transport: any Transport
  ) throws -> HeadFingerprint {
    var report = SyncReport()
    try fetchChain(.account(account), connect(transport, &report))
    guard let chain = try chains.accountChain(account) else {
      throw ReplicaError.notFound("account")
    }
    return HeadFingerprint(account: account, head: chain.head)
  }

  /// Notes that a person takes what this restored device is shown for new.
  ///
  /// - Parameter compared: what another device, or another person's, shows as well. It covers the
  ///   account's chain, as a signature in one space covers that space's log: what else the server may
  ///   leave out is not in it. `nil` where nobody else is there to compare with: then it is on this
  ///   person's own word, after they have looked at what came back.
  /// - Throws: ``ReplicaError/badInput(_:)`` where there is nothing to confirm, or the chain has gone
  ///   on while they looked; ``ReplicaError/locked``.
  public func confirmFreshness(_ compared: HeadFingerprint?) throws {
    _ = try unlockedKeys()
    guard try isFreshnessUnproven() else {
      throw ReplicaError.badInput("there is nothing to confirm on this device")
    }
    let own = HeadFingerprint(account: identity.account, head: try ownChain().head)
    if let compared, compared != own {
      throw ReplicaError.badInput("the account has changed meanwhile; look again")
    }
    try transaction {
      try settings.remove(.freshnessUnproven)
      try audit(.confirm, device: identity.device)
    }
  }
}

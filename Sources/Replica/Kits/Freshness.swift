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
}

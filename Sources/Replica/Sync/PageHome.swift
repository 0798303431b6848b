import Merge
import Signing
import SyncProtocol

/// What a page of a log is checked against: what this device knows of journals and devices.
struct PageHome: PageGround {
  let replica: Replica
  let space: SpaceID

  func journalPoint(_ journal: ReplicaID) throws -> JournalPoint {
    try replica.store.journalPoint(space, journal)
  }

  func identityKey(_ device: DeviceID) throws -> SigningPublicKey? {
    try replica.chains.device(device)?.certificate.identity
  }
}

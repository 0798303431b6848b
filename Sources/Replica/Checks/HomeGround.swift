import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// What the check of a space asks of the home that it lies in.
struct HomeGround: CheckGround {
  let replica: Replica

  var source: ChainStore { replica.chains }

  /// Those of an older build's pages are not here.
  var keepsAllSignatures: Bool { false }

  func identityKey(_ device: DeviceID) throws -> SigningPublicKey? {
    let server = replica.identity.certificate
    return device == server.device
      ? server.log : try replica.chains.device(device)?.certificate.identity
  }

  /// What waits at the server is not shown to a device.
  func promised(
    _ replica: ReplicaID, after: UInt64, upTo: UInt64, in space: SpaceID
  ) throws -> [Digest] { [] }

  func applyUnsent(of space: SpaceID, to replay: SpaceStore) throws -> Bool {
    let number = try replica.store.storedNumber(space)
    let own = try replay.number(of: space)
    replay.log.pendingAuthorship = { [unowned replica] _, sequence in
      try replica.pendingAuthorship(space: number, sequence: sequence)
    }
    do {
      for entry in try replica.outbox(space: number) {
        let commit = try entry.commit()
        let stamp = try replica.pendingStamp(
          commit.header, sequence: entry.sequence, space: number)
        for change in commit.changes {
          try replay.tables.applyOverlay(change, stamp, space: own)
        }
      }
      return true
    } catch is WireError {
      // The check of the outbox says so.
      return false
    } catch ReplicaError.homeDamaged {
      return false
    }
  }
}

import Merge
import Signing
import SpaceStore
import SyncProtocol

/// What the check of a space asks of the server that it lies at.
struct ServerGround: CheckGround {
  let core: ServerCore
  private let keys: [DeviceID: SigningPublicKey]

  /// Takes the keys of every chain that verifies.
  init(core: ServerCore) throws {
    self.core = core
    let server = core.keys.certificate
    var keys = [server.device: server.log]
    for case .account(let account) in try core.chains.references() {
      do {
        for (device, standing) in try core.chains.accountChain(account)?.devices ?? [:] {
          keys[device] = standing.certificate.identity
        }
      } catch is ChainError {
        continue
      } catch is WireError {
        continue
      }
    }
    self.keys = keys
  }

  var source: ChainStore { core.chains }
  var keepsAllSignatures: Bool { true }

  func identityKey(_ device: DeviceID) -> SigningPublicKey? { keys[device] }

  func promised(
    _ replica: ReplicaID, after: UInt64, upTo: UInt64, in space: SpaceID
  ) throws -> [Digest] {
    try PromisedCommits(core: core, space: space).contents(replica, after: after, upTo: upTo)
  }

  /// A server shows what is accepted.
  func applyUnsent(of space: SpaceID, to replay: SpaceStore) throws -> Bool { true }
}

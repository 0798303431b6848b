import Database
import Replica
import SpaceStore
import SyncProtocol

/// What a device has taken in, for somebody who has to know it: who lies well knows what was believed.
package struct Held {
  package let identity: Replica.Identity
  package let store: SpaceStore
  package let chains: ChainStore

  func ownChain() throws -> AccountChain {
    guard let chain = try chains.accountChain(identity.account) else {
      preconditionFailure("a device has its own account's chain")
    }
    return chain
  }
}

extension Party {
  /// Of the open replica, or of the home that another process uses, as it lies there now.
  package var held: Held {
    guard let watched else {
      return Held(identity: replica.identity, store: replica.store, chains: replica.chains)
    }
    watched.store.forget()
    return Held(
      identity: watched.identity, store: watched.store,
      chains: Self.chains(watched.store, watched.identity))
  }

  /// Leaves the home to another process, and looks at its database from beside, until ``open()``.
  package func watch() throws {
    let identity = replica.identity
    close()
    let store = try SpaceStore(
      database: SQLiteDatabase(path: "\(homePath)/replica.db"), schema: schema.schema,
      server: identity.certificate.device, keepsHeads: true)
    watched = Held(
      identity: identity, store: store,
      chains: Self.chains(store, identity))
  }

  private static func chains(_ store: SpaceStore, _ identity: Replica.Identity) -> ChainStore {
    ChainStore(database: store.database, store: store, log: identity.certificate.log)
  }
}

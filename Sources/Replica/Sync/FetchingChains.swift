import SyncProtocol

/// The chains that entries of a log name.
extension Replica {
  /// Fetches the chains that a page's entries name and this device does not have that far.
  func fetchChains(named page: LogPage, _ connection: Connection) throws {
    for entry in page.entries {
      switch entry.content {
      case .authority(.chain(let chain, let point)) where try chains.length(chain) <= point.index:
        try fetchChain(chain, connection)
      case .statement(let signed):
        guard let account = signed.statement.account else { continue }
        if try chains.accountChain(account) == nil {
          try fetchChain(.account(account), connection)
        }
      default: continue
      }
    }
  }

  /// Fetches what is new of a chain, and of those that its statements rest on.
  func fetchChain(_ chain: ChainReference, _ connection: Connection, depth: Int = 0) throws {
    guard depth < 8 else { throw ReplicaError.dishonest("chains rest on each other") }
    let found = try connection.chainPart(chain, from: chains.length(chain))
    if try chains.isKnown(found, server: identity.certificate) { return try settleFork(chain) }
    for _ in 0..<256 {
      do {
        return try transaction {
          try chains.append(found, server: identity.certificate)
          try settleFork(chain)
        }
      } catch FactError.missing(.chain(let other)) {
        try fetchChain(other, connection, depth: depth + 1)
      } catch let fork as ChainStore.Fork {
        let known = try chains.signedHead(chain)
        try keepEvidence(.chain(known, found), kind: "chain: \(fork.what)", space: nil)
        if try meetFork(chain, connection) { return }
        throw ReplicaError.dishonest(fork.what)
      } catch ReplicaError.dishonest(let what) {
        let known = try chains.signedHead(chain)
        try keepEvidence(.chain(known, found), kind: "chain: \(what)", space: nil)
        throw ReplicaError.dishonest(what)
      }
    }
    throw ReplicaError.dishonest("chains rest on each other")
  }
}

import Merge
import Signing
import Simulation
import SyncProtocol

@testable import Replica
@testable import SpaceStore

/// What somebody does whose software is not ours: it asks nothing before it signs.
extension Party {
  /// Puts a change on the way that our own software would not have written.
  func forge(_ changes: RecordChange..., in space: SpaceID) throws {
    let state = try replica.store.state(space)
    let number = try replica.store.number(of: space)
    let header = CommitHeader(time: try replica.tick(), context: Context(position: state.position))
    let commit = Commit(header: header, changes: changes)
    try replica.transaction {
      try replica.enqueue(
        EncodedCommit(commit), commit, after: replica.ownJournal(space: number), space: space,
        number: number, privateCopy: [])
    }
  }

  /// A session over HTTP, for requests of one's own.
  func session(_ practice: Practice) throws -> Connection {
    let connection = Connection(try practice.transport(self))
    try connection.openSession(
      replica.identity, scope: .full, key: replica.unlockedKeys().identity(), onTime: { _ in })
    return connection
  }

  /// A statement signed as its author, whether or not it is theirs to make.
  func signed(
    _ body: StatementBody, next chain: ChainReference, after last: SignedStatement
  ) throws -> SignedStatement {
    SignedStatement(
      Statement(
        subject: .chain(chain), index: last.statement.index + 1, previous: last.hash,
        account: replica.identity.account, device: replica.identity.device, timeMilliseconds: 1,
        body: body),
      key: try replica.unlockedKeys().identity())
  }
}

extension Practice {
  /// The server lets a change through that its author has signed and that no rule allows.
  func accept(
    _ change: RecordChange, by author: Party, in space: SpaceID, before victim: Party
  ) throws {
    let forged = try liar.commit(change, by: author, in: space)
    victim.network.forgePages(of: space) { [liar, unowned victim] _ in
      try liar.page([forged.entry], tails: [forged.tail], to: victim, in: space)
    }
  }
}

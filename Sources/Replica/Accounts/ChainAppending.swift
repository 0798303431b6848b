import Merge
import Signing
import SyncProtocol

extension Replica {
  /// Signs the next statement of a chain, pushes it with its wraps, and takes the chain in again.
  ///
  /// - Throws: ``ReplicaError/server(_:)`` with `chainSuperseded` where somebody was faster: look
  ///   again, and make it anew if it is still wanted.
  func append(
    _ body: StatementBody, to chain: ChainReference, wraps: [[UInt8]], _ connection: Connection
  ) throws {
    try fetchChain(chain, connection)
    let length = try chains.length(chain)
    guard length > 0, let last = try chains.statement(chain, at: length - 1) else {
      throw ReplicaError.notReady("the chain has not arrived")
    }
    let statement = Statement(
      subject: .chain(chain), index: length, previous: last.hash, account: identity.account,
      device: identity.device, timeMilliseconds: try nowMilliseconds, body: body)
    let signed = SignedStatement(statement, key: try unlockedKeys().identity())
    _ = try connection.call(
      Path.chainAppend, ChainAppendRequest(chain: chain, statement: signed, wraps: wraps),
      SignedChainHead.self)
    try fetchChain(chain, connection)
  }

  /// Starts a chain; its id is the hash of this statement.
  func startChain(
    _ body: StatementBody, _ reference: (Digest) -> ChainReference, _ connection: Connection
  ) throws -> ChainReference {
    let statement = Statement(
      subject: .newChain, index: 0, previous: nil, account: identity.account,
      device: identity.device, timeMilliseconds: try nowMilliseconds, body: body)
    let signed = SignedStatement(statement, key: try unlockedKeys().identity())
    _ = try connection.call(
      Path.chainAppend, ChainAppendRequest(chain: nil, statement: signed, wraps: []),
      SignedChainHead.self)
    let chain = reference(signed.hash)
    try fetchChain(chain, connection)
    return chain
  }
}

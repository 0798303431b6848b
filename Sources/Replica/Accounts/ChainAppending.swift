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
    try send(sign(body, next: chain), to: chain, wraps: wraps, connection)
  }

  /// Signs what would be the next statement of a chain as it is known here.
  func sign(_ body: StatementBody, next chain: ChainReference) throws -> SignedStatement {
    let length = try chains.length(chain)
    guard length > 0, let last = try chains.statement(chain, at: length - 1) else {
      throw ReplicaError.notReady("the chain has not arrived")
    }
    let statement = Statement(
      subject: .chain(chain), index: length, previous: last.hash, account: identity.account,
      device: identity.device, timeMilliseconds: try nowMilliseconds, body: body)
    return SignedStatement(statement, key: try unlockedKeys().identity())
  }

  /// Pushes a signed statement with its wraps, and takes the chain in again.
  ///
  /// - Throws: as ``append(_:to:wraps:_:)``.
  func send(
    _ signed: SignedStatement, to chain: ChainReference, wraps: [[UInt8]],
    _ connection: Connection
  ) throws {
    let request = ChainAppendRequest(chain: chain, statement: signed, wraps: wraps)
    if !wraps.isEmpty { try keep(request, to: chain) }
    do {
      _ = try connection.call(Path.chainAppend, request, SignedChainHead.self)
    } catch ReplicaError.server(.chainUnsettled) {
      try forget(request)
      throw ReplicaError.server(.chainUnsettled)
    }
    try fetchChain(chain, connection)
  }

  private func forget(_ request: ChainAppendRequest) throws {
    try database.run(
      "DELETE FROM own_chain_wraps WHERE hash = ?", .blob(request.statement.hash.bytes))
  }

  private func keep(_ request: ChainAppendRequest, to chain: ChainReference) throws {
    try database.run(
      "INSERT OR IGNORE INTO own_chain_wraps VALUES (?, ?, ?)",
      .blob(request.statement.hash.bytes), .blob(chain.encoded), .blob(request.encoded))
  }

  /// Sends again the wraps of chains that were made here, which a restored server may have lost. A
  /// statement that it has is answered as the first time. A locked home does it once it is open.
  func resendChainWraps(_ connection: Connection, _ report: inout SyncReport) throws {
    guard !isLocked, try settings.number(.resendingChainWraps) == 1 else { return }
    var isDone = true
    let kept = try database.rows(
      "SELECT request FROM own_chain_wraps ORDER BY hash"
    ) { try ChainAppendRequest(decoding: $0.blob(0)) }
    for request in kept {
      let signed = request.statement
      // One that came too late is nobody's.
      guard let chain = request.chain,
        try chains.statement(chain, at: signed.statement.index)?.hash == signed.hash
      else { continue }
      do {
        _ = try connection.call(Path.chainAppend, request, SignedChainHead.self)
      } catch let error as ReplicaError {
        if case .server(.storageFull) = error { isDone = false }
        try report.keep(error, while: "sending wraps again")
      }
    }
    if isDone { try settings.set(.resendingChainWraps, number: 0) }
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

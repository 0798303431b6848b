import SyncProtocol

extension Connection {
  /// Answers for one chain; a long one comes in several.
  private static var chainAnswerCountMax: Int { 64 }

  /// A chain from a place on, up to the head that the last answer names. Nothing of it is checked yet.
  func chainPart(_ chain: ChainReference, from first: UInt64) throws -> ChainPart {
    var statements: [SignedStatement] = []
    for _ in 0..<Self.chainAnswerCountMax {
      let part = ChainPartRequest(chain: chain, from: first + UInt64(statements.count))
      let answer = try call(Path.chains, ChainRequest(parts: [part]), ChainResponse.self)
      guard let found = answer.parts.first, found.head.chain == chain else {
        throw ReplicaError.dishonest("the server has no chain for something that it named")
      }
      statements += found.statements
      let isWhole = found.head.point.index < first + UInt64(statements.count)
      if isWhole || found.statements.isEmpty {
        return ChainPart(head: found.head, statements: statements)
      }
    }
    throw ReplicaError.dishonest("a chain does not end")
  }
}

/// A moment at which a crash is interesting. Savepoints have none.
public enum TransactionEvent: Hashable, Sendable {
  /// Everything is written to the connection, nothing is durable. Throwing rolls back.
  case willCommit
  /// The transaction is durable. Throwing does not undo it.
  case didCommit
}

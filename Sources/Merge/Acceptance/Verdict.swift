/// What the server, and every device after it, says of an entry.
public enum Verdict: Hashable, Sendable {
  case accepted
  /// Not now: the author keeps it and tries again.
  case deferred(Deferral)
  /// Final: the author keeps it under `rejected`, with the reason.
  case refused(Refusal)
}

/// Why an entry has to wait.
public enum Deferral: UInt64, CaseIterable, Sendable {
  /// The server does not know the type, field or value yet.
  case schemaOlder = 1
  /// An earlier commit of the same journal is missing.
  case gap = 2
  /// A blob or wrap that the commit names has not arrived.
  case objectMissing = 3
}

extension Deferral {
  /// One sentence for people.
  public var explanation: String {
    switch self {
    case .schemaOlder: "the server does not know this kind of change yet"
    case .gap: "an earlier change has not arrived"
    case .objectMissing: "a part of a file has not arrived"
    }
  }
}

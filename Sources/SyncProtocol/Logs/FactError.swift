import Merge

/// Why an entry cannot be turned into a fact.
public enum FactError: Error, Hashable, Sendable {
  /// The reader does not have what the entry names yet: fetch it and come back.
  case missing(MissingAuthority)
  /// What the entry names is not what the reader has: evidence.
  case contradiction
  /// A commit or statement that cannot be read, or is not signed by its author.
  case invalid
}

/// What has to be fetched before an entry can be judged.
public enum MissingAuthority: Hashable, Sendable {
  case chain(ChainReference)
  case space(SpaceID)
}

/// What an item of the subset is.
public enum CBORKind: Hashable, Sendable {
  case unsigned
  case negative
  case bytes
  case text
  case array
  case map
  case bool
  case null
}

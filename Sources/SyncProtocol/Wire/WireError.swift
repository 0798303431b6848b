import CBOR

/// Why bytes from elsewhere are not what they should be. Never holds any of them.
public enum WireError: Error, Hashable, Sendable {
  /// Not deterministic CBOR within the limits.
  case encoding(CBORError)
  /// Well-formed, but not of the expected shape: the name of what was expected.
  case unexpected(String)
  /// A list or string beyond its limit: the name of what was too large.
  case tooLarge(String)
  /// A suite or version that this build does not know; it fails closed.
  case unknownSuite
}

/// Why something could not be sealed, opened or derived. Says no more than a caller can act on;
/// in particular never which byte or which check of an authenticated text failed.
public enum SealingError: Error, Equatable, Sendable {
  /// The bytes are not in the format that was asked for: too short, or a field out of range.
  case malformed
  /// The first byte names a suite that this version does not know. Nothing was tried.
  case unknownSuite
  /// Another key, other associated data, or altered bytes: the three cannot be told apart.
  case authenticationFailed
  /// A public key that gives every peer the same shared secret (a point of low order).
  case weakPublicKey
  /// Password parameters below the floor that protects against guessing.
  case weakParameters
  /// Above a limit, refused before any memory was taken.
  case tooLarge
  /// The system has not enough memory for what the parameters ask.
  case outOfMemory
}

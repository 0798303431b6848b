/// Why a signed note or a checkpoint was not accepted.
public enum NoteError: Error, Hashable, Sendable {
  /// Larger than ``SignedNote/byteCountMax``, or with more than ``SignedNote/signatureCountMax``
  /// signatures.
  case tooLarge
  /// Not the form that the standard gives.
  case malformed
  /// No signature by the expected key.
  case unsigned
  /// A signature by the expected key's name and id that does not verify.
  case wrongSignature
  /// A checkpoint of another log.
  case wrongOrigin
}

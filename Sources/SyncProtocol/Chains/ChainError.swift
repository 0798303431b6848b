/// Why a statement cannot stand next in its chain.
public enum ChainError: Error, Hashable, Sendable {
  /// Another statement holds that place: compare-and-set lost; make it anew.
  case superseded
  /// Not the kind of statement that may stand there.
  case unexpected
  /// The signature, or the proof of a new device, does not verify.
  case badSignature
  /// The author's device is not certified, or its account may not say this.
  case notAllowed
  /// The device, account or member is there already.
  case exists
  /// The wraps are not for exactly the members.
  case recipientsWrong
}

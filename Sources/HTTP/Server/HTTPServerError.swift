/// Why a server did not start.
public enum HTTPServerError: Error, Sendable, Equatable {
  /// The host is not a numeric address.
  case addressInvalid
  /// The address is not one of this machine.
  case addressNotAvailable
  case addressInUse
  /// The port needs rights that this process does not have.
  case addressNotPermitted
  /// The certificate or key cannot be read, or they do not belong together.
  case certificateRefused
  /// A server starts once.
  case alreadyStarted
  /// Another system call failed, with this `errno`.
  case systemFailure(code: Int32)
}

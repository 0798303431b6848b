import Foundation
import Replica
import Sealing
import SyncProtocol
import Terminal

/// Turns what went wrong into `error:`, `hint:` and an exit code, in one place.
enum FailureText {
  static func failure(_ error: any Error) -> Failure? {
    if let error = ReplicaError(cause: error) {
      return Failure(error.explanation, hint: error.hint, exitCode: exitCode(error))
    }
    switch error {
    case let denial as AccessDenial:
      return Failure(denial.explanation, hint: denial.hint, exitCode: .notAllowed)
    case let error as WireError: return Failure("something cannot be read (\(error))")
    case SealingError.outOfMemory: return Failure("there is not enough memory")
    case let error as CocoaError:
      return Failure(error.localizedDescription)
    default: return nil
    }
  }

  /// What every command comes to on a device that was taken out.
  static var revoked: Failure {
    let error = ReplicaError.deviceRevoked
    return Failure(error.explanation, hint: error.hint, exitCode: exitCode(error))
  }

  private static func exitCode(_ error: ReplicaError) -> ExitCode {
    switch error {
    case .locked, .wrongPassword, .deviceRevoked: return .notAllowed
    case .notReachable: return .notReachable
    case .refused, .dishonest, .otherServer, .serverClock: return .refused
    case .invitationExpired: return .refused
    case .invitationMalformed: return .usage
    case .server(let code):
      switch code {
      case .notAllowed, .consentInactive, .shareInactive, .shareWithheld, .sessionMissing,
        .sessionExpired, .deviceUnknown, .deviceRevoked, .badSignature:
        return .notAllowed
      case .invitationUsed, .invitationExpired, .invitationUnknown, .invitationRoleWrong,
        .accountExists, .chainSuperseded, .chainUnsettled, .journalForked, .historyForked:
        return .refused
      default: return .failed
      }
    default: return .failed
    }
  }
}

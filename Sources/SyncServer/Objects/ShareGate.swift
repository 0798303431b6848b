import Merge
import Signing
import SyncProtocol

/// Decides whether a share's wrap or bytes are released, and why not.
///
/// The data access matrix of requirement E2 in one place: the practitioner, while consent is active
/// and allows it, the engagement has not ended, and the share itself is active.
struct ShareGate {
  /// The words of the access audit.
  enum Outcome: String {
    case granted
    case notMember = "not-member"
    case ended
    case consentInactive = "consent-inactive"
    case permissionMissing = "permission-missing"
    case shareUnknown = "share-unknown"
    case shareRevoked = "share-revoked"
    case shareExpired = "share-expired"
    /// The server was restored, and no device of the client's has been here since.
    case withheld

    /// What the asker is told; `nil` when it is granted.
    var failure: ErrorCode? {
      switch self {
      case .granted: nil
      case .notMember: .notAllowed
      case .ended, .consentInactive, .permissionMissing: .consentInactive
      case .shareUnknown: .notFound
      case .shareRevoked, .shareExpired: .shareInactive
      case .withheld: .shareWithheld
      }
    }
  }

  let state: SpaceState
  let account: AccountID
  let now: UInt64
  /// Whether what a backup has forgotten may have been revoked since.
  var isWithholding = false

  func outcome(_ share: ShareTable.Terms?) -> Outcome {
    guard let role = state.role(of: account), role == .practitioner || role == .family else {
      return .notMember
    }
    guard state.ended == nil else { return .ended }
    // The log's time may lag; what has run out has run out.
    let time = max(now, state.timeMilliseconds)
    let consent = state.consent.state(nowMilliseconds: time)
    guard consent.status == .active else { return .consentInactive }
    guard consent.terms.permissions.contains(.viewFiles) else { return .permissionMissing }
    guard let share else { return .shareUnknown }
    guard share.isActive else { return .shareRevoked }
    if let until = share.untilMilliseconds, time >= until { return .shareExpired }
    guard share.allowsViewing else { return .permissionMissing }
    return isWithholding ? .withheld : .granted
  }
}

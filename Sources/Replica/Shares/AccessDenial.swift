import Merge

/// Why a shared file is not opened here, although its bytes may lie here.
public enum AccessDenial: Error, Hashable, Sendable {
  case consentInactive(ConsentStatus)
  case engagementEnded
  case shareRevoked
  /// Milliseconds since 1970.
  case shareExpired(UInt64)
  case permissionMissing(Permission)
  /// Too long since the last sync: the client may have withdrawn it.
  case leaseOver
  /// The share is not from the client whose file it names. Kept as evidence.
  case notFromClient

  /// What happened, in one sentence for people.
  public var explanation: String {
    switch self {
    case .consentInactive(.expired): "the client's consent has expired"
    case .consentInactive(.revoked): "the consent was withdrawn"
    case .consentInactive(.declined): "the consent was declined"
    case .consentInactive: "the consent is not active"
    case .engagementEnded: "the engagement has ended"
    case .shareRevoked: "the client has revoked this share"
    case .shareExpired: "the share has expired"
    case .permissionMissing(let permission):
      "the consent or the share does not allow this (\(permission.rawValue))"
    case .leaseOver: "this device has not synced for more than 72 hours"
    case .notFromClient: "the share is not from the client whose file it names"
    }
  }

  /// What to do about it; `nil` where nothing helps.
  public var hint: String? {
    switch self {
    case .leaseOver: "run `satchel sync` while the server can be reached"
    case .shareExpired, .shareRevoked: "ask the client for access"
    case .permissionMissing: "the client decides: satchel consent approve --can …"
    case .notFromClient: "the evidence is kept; tell whoever runs the server"
    case .consentInactive, .engagementEnded: nil
    }
  }

  /// A word for the audit log.
  var code: String {
    switch self {
    case .consentInactive(let status): "consent-\(status.rawValue)"
    case .engagementEnded: "engagement-ended"
    case .shareRevoked: "share-revoked"
    case .shareExpired: "share-expired"
    case .permissionMissing(let permission): "permission-missing \(permission.rawValue)"
    case .leaseOver: "lease-over"
    case .notFromClient: "not-from-client"
    }
  }
}

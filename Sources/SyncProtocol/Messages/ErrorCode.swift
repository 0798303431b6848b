/// Why the server did not do what a request asked: the closed list, with HTTP status and title.
///
/// Sent as problem details (RFC 9457) with the code in the header `Satchel-Error`.
public enum ErrorCode: String, CaseIterable, Error, Sendable {
  case malformed = "malformed"
  case tooLarge = "too-large"
  case versionUnknown = "version-unknown"
  case notFound = "not-found"
  case sessionMissing = "session-missing"
  case sessionExpired = "session-expired"
  case deviceUnknown = "device-unknown"
  case deviceRevoked = "device-revoked"
  case badSignature = "bad-signature"
  case notAllowed = "not-allowed"
  case invitationUnknown = "invitation-unknown"
  case invitationUsed = "invitation-used"
  case invitationExpired = "invitation-expired"
  case invitationRoleWrong = "invitation-role-wrong"
  case accountExists = "account-exists"
  case chainSuperseded = "chain-superseded"
  case chainUnsettled = "chain-unsettled"
  case journalForked = "journal-forked"
  case replicaRetired = "replica-retired"
  case historyForked = "history-forked"
  case enrolmentUnknown = "enrolment-unknown"
  case consentInactive = "consent-inactive"
  case shareInactive = "share-inactive"
  case shareWithheld = "share-withheld"
  case blobMissing = "blob-missing"
  case blobAltered = "blob-altered"
  case quotaExceeded = "quota-exceeded"
  case storageFull = "storage-full"
  case serverFault = "server-fault"
}

extension ErrorCode {
  public var status: Int {
    switch self {
    case .malformed, .versionUnknown: 400
    case .sessionMissing, .sessionExpired, .deviceUnknown, .badSignature: 401
    case .notAllowed, .consentInactive, .shareInactive, .shareWithheld, .invitationRoleWrong,
      .deviceRevoked:
      403
    case .notFound, .invitationUnknown, .enrolmentUnknown, .blobMissing: 404
    case .accountExists, .chainSuperseded, .chainUnsettled, .journalForked, .historyForked,
      .replicaRetired, .invitationUsed:
      409
    case .invitationExpired: 410
    case .tooLarge: 413
    case .blobAltered: 422
    case .serverFault: 500
    case .quotaExceeded, .storageFull: 507
    }
  }

  /// One sentence for people.
  public var title: String {
    switch self {
    case .malformed: "the request cannot be read"
    case .tooLarge: "the request is too large"
    case .versionUnknown: "this version of the protocol is not spoken here"
    case .notFound: "there is nothing here"
    case .sessionMissing: "the request needs a session"
    case .sessionExpired: "the session has ended"
    case .deviceUnknown: "the server does not know this device"
    case .deviceRevoked: "this device was taken out of the account"
    case .badSignature: "a signature does not verify"
    case .notAllowed: "this is not allowed for this account"
    case .invitationUnknown: "the server does not know this invitation"
    case .invitationUsed: "the invitation was used already"
    case .invitationExpired: "the invitation has expired"
    case .invitationRoleWrong: "the invitation is for another role"
    case .accountExists: "the account exists already"
    case .chainSuperseded: "another statement was made first"
    case .chainUnsettled:
      "the server was restored, and waits for devices that may hold more of this history"
    case .journalForked: "another change was sent under the same number"
    case .replicaRetired: "the device was away for too long under this replica id"
    case .historyForked: "what this device has seen is not what the server has"
    case .enrolmentUnknown: "the server does not know this enrolment"
    case .consentInactive: "the client's consent is not active"
    case .shareInactive: "the share is not active"
    case .shareWithheld: "the server was restored, and waits for a device of the client"
    case .blobMissing: "the file's bytes are not on the server"
    case .blobAltered: "the bytes do not match their name"
    case .quotaExceeded: "the quota is used up"
    case .storageFull: "the server's disk is full"
    case .serverFault: "the server could not do this"
    }
  }
}

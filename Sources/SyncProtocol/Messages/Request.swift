/// A request as both sides see it, whatever carries it.
public struct Request: Hashable, Sendable {
  /// Bytes of one request's body.
  public static let bodyByteCountMax = 9 << 20

  public enum Method: String, Sendable {
    case get = "GET"
    case put = "PUT"
    case post = "POST"
  }

  public let method: Method
  /// Begins with `/v1/`.
  public let path: String
  /// The session's token.
  public let token: String?
  public let body: [UInt8]
  /// How much longer than usual the answer may take, because the server was asked to hold it;
  /// milliseconds. For whatever carries the request; it is no part of it.
  public let holdMilliseconds: UInt64

  public init(
    _ method: Method, _ path: String, token: String? = nil, body: [UInt8] = [],
    holdMilliseconds: UInt64 = 0
  ) {
    self.method = method
    self.path = path
    self.token = token
    self.body = body
    self.holdMilliseconds = holdMilliseconds
  }
}

/// What came of a request.
public enum Response: Hashable, Sendable {
  case success([UInt8])
  case failure(ErrorCode)
}

/// Where each message goes. The version is in the path; a server answers others `version-unknown`.
public enum Path {
  public static let info = "/v1/info"
  public static let challenge = "/v1/challenge"
  public static let session = "/v1/session"
  public static let sessionEnd = "/v1/session/end"
  public static let accounts = "/v1/accounts"
  public static let chains = "/v1/chains"
  public static let chainAppend = "/v1/chains/append"
  public static let invitations = "/v1/invitations"
  public static let invitationList = "/v1/invitations/list"
  public static let enrolments = "/v1/enrolments"
  public static let enrolmentList = "/v1/enrolments/list"
  public static let enrolmentAnswer = "/v1/enrolments/answer"
  public static let enrolmentApprove = "/v1/enrolments/approve"
  public static let enrolmentResult = "/v1/enrolments/result"
  public static let wraps = "/v1/wraps"
  public static let wrapsFetch = "/v1/wraps/fetch"
  public static let blobsMissing = "/v1/blobs/missing"
  public static let blobsPut = "/v1/blobs/put"
  public static let blobsFetch = "/v1/blobs/fetch"
  public static let feed = "/v1/feed"
  public static let pull = "/v1/pull"
  public static let push = "/v1/push"
  public static let journal = "/v1/journal"
  public static let purged = "/v1/purged"
  public static let receipts = "/v1/receipts"
  public static let digest = "/v1/digest"
  public static let heads = "/v1/heads"
  public static let recover = "/v1/recover"
  public static let chainRestore = "/v1/chains/restore"

  /// `PUT` and `GET` of a blob that a vault owns: hex of the space and of the blob's hash.
  public static func blob(space: String, hash: String) -> String { "/v1/blobs/\(space)/\(hash)" }

  /// `GET` of a shared file's blob: hex of the engagement and of the share, the blob's index.
  public static func shareBlob(space: String, share: String, index: Int) -> String {
    "/v1/shares/\(space)/\(share)/blobs/\(index)"
  }
}

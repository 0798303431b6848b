import Merge
import Signing
import SyncProtocol

/// What a request asks for, by its method and path.
enum Endpoint: Hashable {
  case info
  case challenge
  case session
  case sessionEnd
  case accounts
  case chains
  case chainAppend
  case invitations
  case invitationList
  case enrolments
  case enrolmentList
  case enrolmentAnswer
  case enrolmentApprove
  case enrolmentResult
  case wraps
  case wrapsFetch
  case blobsMissing
  case blobsPut
  case blobsFetch
  case feed
  case pull
  case push
  case journal
  case purged
  case receipts
  case digest
  case heads
  case recover
  case chainRestore
  case blobPut(BlobName)
  case blobGet(BlobName)
  case shareBlob(SpaceID, share: RecordID, index: Int)

  private static let posts: [String: Endpoint] = [
    Path.challenge: .challenge, Path.session: .session, Path.sessionEnd: .sessionEnd,
    Path.accounts: .accounts,
    Path.chains: .chains, Path.chainAppend: .chainAppend, Path.invitations: .invitations,
    Path.invitationList: .invitationList, Path.enrolments: .enrolments,
    Path.enrolmentList: .enrolmentList, Path.enrolmentAnswer: .enrolmentAnswer,
    Path.enrolmentApprove: .enrolmentApprove,
    Path.enrolmentResult: .enrolmentResult, Path.wraps: .wraps, Path.wrapsFetch: .wrapsFetch,
    Path.blobsMissing: .blobsMissing, Path.blobsPut: .blobsPut, Path.blobsFetch: .blobsFetch,
    Path.feed: .feed, Path.pull: .pull, Path.push: .push,
    Path.journal: .journal, Path.purged: .purged, Path.digest: .digest, Path.heads: .heads,
    Path.recover: .recover, Path.chainRestore: .chainRestore, Path.receipts: .receipts,
  ]

  /// - Throws: `versionUnknown` for another version's path, else `notFound`.
  init(_ method: Request.Method, _ path: String) throws(ErrorCode) {
    guard path.utf8.count <= 512 else { throw .notFound }
    switch method {
    case .post:
      if let endpoint = Self.posts[path] {
        self = endpoint
        return
      }
    case .get:
      if path == Path.info {
        self = .info
        return
      }
    case .put: break
    }
    guard let endpoint = Self.object(method, path) else { throw Self.unknown(path) }
    self = endpoint
  }

  private static func object(_ method: Request.Method, _ path: String) -> Endpoint? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 5, parts[0].isEmpty, parts[1] == "v1", method != .post else { return nil }
    switch (parts[2], parts.count) {
    case ("blobs", 5):
      guard let space = SpaceID(hex: parts[3]), let hash = Digest(hex: parts[4]) else { return nil }
      let name = BlobName(space: space, hash: hash)
      return method == .put ? .blobPut(name) : .blobGet(name)
    case ("shares", 7):
      guard method == .get, parts[5] == "blobs", let space = SpaceID(hex: parts[3]),
        let share = RecordID(hex: parts[4]), parts[6].utf8.count <= 5, let index = Int(parts[6]),
        index >= 0
      else { return nil }
      return .shareBlob(space, share: share, index: index)
    default: return nil
    }
  }

  private static func unknown(_ path: String) -> ErrorCode {
    let parts = path.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[0].isEmpty, parts[1].first == "v",
      let version = UInt64(parts[1].dropFirst())
    else { return .notFound }
    return version == 1 ? .notFound : .versionUnknown
  }

  /// What a recovery kit may ask for: its account's chain and key, to let a device in. Whoever has found
  /// one must not read what the account has without leaving a trace on its chain.
  var isForKits: Bool {
    switch self {
    case .chains, .chainAppend, .wrapsFetch, .feed: true
    default: false
    }
  }

  /// The least that a session must allow; `nil` where none is needed.
  var scope: SessionScope? {
    switch self {
    case .info, .challenge, .session, .accounts, .enrolments, .enrolmentResult, .chainRestore: nil
    case .sessionEnd, .feed, .pull, .journal, .chains, .purged, .wrapsFetch, .digest, .heads,
      .recover:
      .pull
    default: .full
    }
  }
}

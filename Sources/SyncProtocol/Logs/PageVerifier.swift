import Merge
import Signing

/// What a page must be checked against, all of it verified before.
public protocol PageGround {
  /// The journal's point at the reader's position in the log.
  func journalPoint(_ replica: ReplicaID) throws -> JournalPoint
  /// The identity key of a device that has ever been certified by an account that the log may name.
  func identityKey(_ device: DeviceID) throws -> SigningPublicKey?
}

/// Why a page cannot be what the server says it is. Evidence, not a passing fault.
public enum PageError: Error, Hashable, Sendable {
  case wrongSpace
  case wrongIncarnation
  /// Does not start where the reader stands.
  case wrongPlace
  /// The entries do not hash to the head.
  case headMismatch
  /// The head is not signed by the server's pinned key.
  case headSignature
  /// A journal's commits are not contiguous.
  case journalGap
  /// A journal's commits are not covered by a valid signature of its device.
  case journalSignature
  case authorUnknown
}

/// Checks a page's hashes and signatures: after it, every entry is what its author signed, in the
/// order that the server signed. Whether it should have been *accepted* is for ``Acceptance``.
public struct PageVerifier {
  private let server: ServerCertificate

  public init(server: ServerCertificate) { self.server = server }

  /// - Parameter from: the reader's own head.
  /// - Returns: the journal point of each commit, refusal or stub in the page, by entry index.
  /// - Throws: ``PageError``, or what `ground` throws.
  public func verify(
    _ page: LogPage, from: LogHead, ground: some PageGround
  ) throws -> [Int: JournalPoint] {
    try checkPlace(page, from)
    var head = from
    var journals: [ReplicaID: JournalPoint] = [:]
    var points: [Int: JournalPoint] = [:]
    for (index, entry) in page.entries.enumerated() {
      var point: JournalPoint?
      if let origin = entry.journalOrigin, let content = entry.contentHash {
        let before = try journals[origin.replica] ?? ground.journalPoint(origin.replica)
        guard origin.sequence == before.sequence + 1 else { throw PageError.journalGap }
        let after = before.next(from.space, origin.replica, content: content)
        journals[origin.replica] = after
        points[index] = after
        point = after
      }
      head = head.next(entry, at: point)
    }
    guard head.incarnation == page.head.head.incarnation else {
      throw PageError.wrongIncarnation
    }
    guard head == page.head.head else { throw PageError.headMismatch }
    try checkSignatures(page, journals, ground)
    return points
  }

  private func checkPlace(_ page: LogPage, _ from: LogHead) throws(PageError) {
    guard page.head.head.space == from.space else { throw .wrongSpace }
    guard page.after == from.position else { throw .wrongPlace }
    guard page.head.isSigned(by: server.log) else { throw .headSignature }
  }

  /// One signature check for each journal, however many commits it has in the page.
  private func checkSignatures(
    _ page: LogPage, _ journals: [ReplicaID: JournalPoint], _ ground: some PageGround
  ) throws {
    let tails = Dictionary(
      page.tails.map { ($0.replica, $0) }, uniquingKeysWith: { first, _ in first })
    for replica in journals.keys.sorted() {
      guard let tail = tails[replica], var point = journals[replica] else {
        throw PageError.journalSignature
      }
      for content in tail.contentHashes {
        point = point.next(page.head.head.space, replica, content: content)
      }
      guard let key = try identityKey(replica.device, ground) else {
        throw PageError.authorUnknown
      }
      guard
        tail.signature.covers(point, space: page.head.head.space, replica: replica, key: key)
      else { throw PageError.journalSignature }
    }
  }

  private func identityKey(
    _ device: DeviceID, _ ground: some PageGround
  ) throws -> SigningPublicKey? {
    device == server.device ? server.log : try ground.identityKey(device)
  }
}

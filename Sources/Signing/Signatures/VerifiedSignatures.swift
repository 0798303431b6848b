import Synchronization

/// Signatures that were found valid in this process, so that what plays many devices checks each only
/// once. Never in use where there is one device, or a server.
///
/// A signature is valid or not for ever: what is remembered is the hash of all that was checked, key,
/// signature and message. What is not valid is checked each time.
package final class VerifiedSignatures: Sendable {
  /// In use for the present task, and what it calls.
  @TaskLocal package static var known: VerifiedSignatures?

  /// The hash never leaves the process.
  static let domain = "satchel/verified"

  private static let countMax = 1 << 16

  private let digests = Mutex<Set<Digest>>([])

  package init() {}

  func holds(_ digest: Digest) -> Bool { digests.withLock { $0.contains(digest) } }

  func insert(_ digest: Digest) {
    digests.withLock { digests in
      if digests.count >= Self.countMax { digests.removeAll(keepingCapacity: true) }
      digests.insert(digest)
    }
  }
}

import Merge
import Signing
import SyncProtocol

/// A push as far as it can be prepared before its turn comes, beside those that are being written: read,
/// hashed, decoded, and its signatures checked.
///
/// Nothing rests on it that is not asked again in its turn: a signature counts only if the key that it
/// was checked with is the device's then.
struct PreparedPush: Sendable {
  enum Item: Sendable {
    case statement(SignedStatement)
    case segment(Segment)
  }

  struct Segment: Sendable {
    let journal: JournalSegment
    /// The point of each commit, in order.
    let points: [JournalPoint]
    /// Each commit; `nil` for one that cannot be read.
    let commits: [Commit?]
    /// The key that the segment's signature was found good with, in the push's space.
    let vouchingKey: SigningPublicKey?

    init(_ journal: JournalSegment, in space: SpaceID, key: SigningPublicKey) {
      self.journal = journal
      points = journal.points(in: space)
      commits = journal.commits.map(Self.decoded)
      let isGood = points.last.map {
        journal.signature.covers($0, space: space, replica: journal.replica, key: key)
      }
      vouchingKey = isGood == true ? key : nil
    }

    private static func decoded(_ commit: EncodedCommit) -> Commit? {
      // Only a refusal may leave the sealed values out.
      guard commit.sealed != nil else { return nil }
      do throws(WireError) { return try commit.decoded() } catch { return nil }
    }
  }

  let space: SpaceID
  let items: [Item]

  /// - Parameter key: the identity key that the asking device had when its session was first seen.
  init(_ request: PushRequest, key: SigningPublicKey) {
    space = request.space
    items = request.items.map { item in
      switch item {
      case .statement(let statement): .statement(statement)
      case .segment(let journal): .segment(Segment(journal, in: request.space, key: key))
      }
    }
  }
}

import Merge
import Replica

/// A commit that is written anew says the same as it did at first: what its author had seen then. With
/// any other context it would overwrite what nobody had seen, and silently.
struct ContextChecker {
  private struct Place: Hashable {
    let space: SpaceID
    let origin: Origin
  }

  private var first: [Place: Context] = [:]

  /// Notes what a device has just written.
  mutating func note(_ written: Written, _ commit: Commit) {
    let place = Place(space: written.space, origin: written.origin)
    if first[place] == nil { first[place] = commit.header.context }
  }

  /// Numbers that were used twice say nothing.
  mutating func forget(_ device: DeviceID) {
    first = first.filter { $0.key.origin.replica.device != device }
  }

  func differences(_ news: [SpaceID: [History.Entry]]) -> [String] {
    news.keys.sorted().flatMap { space in
      (news[space] ?? []).compactMap { entry in
        guard let origin = entry.origin, let commit = entry.commit,
          let context = first[Place(space: space, origin: origin)],
          context != commit.header.context
        else { return nil }
        return "what \(origin.sequence) had seen in \(space.hex) is "
          + "\(commit.header.context.position.rawValue) and was \(context.position.rawValue)"
      }
    }
  }
}

import Merge
import Signing
import SpaceStore
import SyncProtocol

/// No (replica, sequence) ever stands for two contents, anywhere, in the whole run.
struct JournalChecker {
  private struct Place: Hashable {
    let space: SpaceID
    let origin: Origin
  }

  private var contents: [Place: Digest] = [:]

  /// - Returns: what contradicts something seen before, in words.
  mutating func take(_ store: SpaceStore, _ spaces: [SpaceID], owner: String) throws -> [String] {
    var found: [String] = []
    for space in spaces {
      var seen = contents
      try store.eachEntry(space) { _, entry in
        guard let origin = entry.journalOrigin, let content = entry.contentHash else { return }
        let place = Place(space: space, origin: origin)
        if let known = seen[place], known != content {
          found.append("\(owner): two contents of \(origin.sequence) in \(space.hex)")
        }
        seen[place] = content
      }
      contents = seen
    }
    return found
  }
}

import Merge
import Signing
import SpaceStore
import SyncProtocol

/// No (replica, sequence) ever stands for two contents, anywhere, in the whole run; but of a home that was
/// put back after the server was: neither knows any more what it had written.
struct JournalChecker {
  private struct Place: Hashable {
    let space: SpaceID
    let origin: Origin
  }

  private struct Reader: Hashable {
    let owner: String
    let space: SpaceID
  }

  private var contents: [Place: Digest] = [:]
  /// Whose numbers say nothing.
  private var forgotten: Set<DeviceID> = []
  /// How far each log was read.
  private var read: [Reader: (incarnation: UInt64, position: Position)] = [:]

  mutating func forget(_ device: DeviceID) { forgotten.insert(device) }

  /// - Returns: what contradicts something seen before, in words.
  mutating func take(_ store: SpaceStore, _ spaces: [SpaceID], owner: String) throws -> [String] {
    try spaces.flatMap { try take(store, $0, owner: owner) }
  }

  private mutating func take(
    _ store: SpaceStore, _ space: SpaceID, owner: String
  ) throws -> [String] {
    let reader = Reader(owner: owner, space: space)
    let state = try store.state(space)
    var place = read[reader] ?? (state.incarnation, .zero)
    // A log that is shorter than it was is another one.
    if place.position > state.position || place.incarnation != state.incarnation {
      place = (state.incarnation, .zero)
    }
    let number = try store.number(of: space)
    var found: [String] = []
    while place.position < state.position {
      let entries = try store.log.entries(
        space: number, after: place.position, byteCountMax: 1 << 20)
      if entries.isEmpty { break }
      for entry in entries {
        place.position = place.position.next
        guard let origin = entry.journalOrigin, let content = entry.contentHash,
          !forgotten.contains(origin.replica.device)
        else { continue }
        let key = Place(space: space, origin: origin)
        let known = contents[key] ?? content
        contents[key] = known
        if known != content {
          found.append("\(owner): two contents of \(origin.sequence) in \(space.hex)")
        }
      }
    }
    read[reader] = place
    return found
  }
}

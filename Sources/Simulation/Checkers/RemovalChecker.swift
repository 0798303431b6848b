import CBOR
import Merge
import SpaceStore
import SyncProtocol

/// Nothing that was sealed after a removal opens with a key that the removed party held: each sealed
/// value names its epoch, and that one is younger than the last removal before the value.
struct RemovalChecker {
  func differences(_ log: History.Log, _ state: SpaceState) -> [String] {
    let removals =
      (state.members.values.compactMap(\.until) + state.devices.values.compactMap(\.until))
      .sorted()
    guard !removals.isEmpty, state.kind != .engagement || state.ended == nil else { return [] }
    var found: [String] = []
    for entry in log.entries {
      // What came back to a restored server was accepted before it was lost.
      guard case .commit = entry.entry, let commit = entry.commit,
        let removal = removals.last(where: { $0 < entry.position })
      else { continue }
      let held = state.epochs.filter { $0.made < removal }.map { Array($0.id.bytes.prefix(8)) }
      for write in commit.changes.flatMap(\.writes) where write.sealed {
        guard let sealed = write.value.bytes, sealed.count > 9 else { continue }
        if held.contains(Array(sealed[1..<9])) {
          found.append(
            "\(write.key) at \(entry.position.rawValue) is sealed for who was removed before")
        }
      }
    }
    return found
  }
}

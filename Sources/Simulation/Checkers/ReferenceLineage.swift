import Merge
import SyncProtocol

/// Which entries of the log an author had seen, worked out in the plainest way: every incarnation is
/// a list that says for each of its positions where that entry stands now.
struct ReferenceLineage {
  /// Where the entries of an incarnation stand now, from the first; `nil` for those that are lost.
  private var lists: [UInt64: [Position?]] = [0: []]
  private var present: UInt64 = 0

  mutating func take(_ entry: LogEntry, at position: Position) {
    if case .incarnation(let number) = entry {
      lists[number] = lists[present]
      present = number
    }
    lists[present]?.append(position)
    take(lost: entry, at: position)
  }

  private mutating func take(lost entry: LogEntry, at position: Position) {
    switch entry {
    case .recovered(let place, let lost):
      set(place, position)
      if case .incarnation(let number) = lost, lists[number] == nil {
        lists[number] = lists[place.incarnation].map {
          Array($0.prefix(Int(place.position.rawValue)))
        }
      }
      take(lost: lost, at: position)
    case .recoveredAlready(let place, let known): set(place, known == .zero ? nil : known)
    default: break
    }
  }

  private mutating func set(_ place: LogPlace, _ position: Position?) {
    guard lists[place.incarnation]?.count == Int(place.position.rawValue) - 1 else { return }
    lists[place.incarnation]?.append(position)
  }

  struct Seen: Hashable {
    var upTo: Position = .zero
    var others: Set<Position> = []

    func contains(_ position: Position) -> Bool {
      position <= upTo || others.contains(position)
    }
  }

  func seen(_ context: Context) -> Seen {
    // Of the present incarnation nothing stands elsewhere.
    if context.incarnation == present { return Seen(upTo: context.position) }
    let list = lists[context.incarnation] ?? []
    let count = min(context.position.rawValue, UInt64(list.count))
    return Seen(others: Set(list.prefix(Int(count)).compactMap { $0 }))
  }
}

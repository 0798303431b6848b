/// An incarnation of the log that was lost from a position on, and what came back of it.
public struct PastIncarnation: Hashable, Sendable {
  /// Entries that came back one after the other.
  public struct Run: Hashable, Sendable {
    /// Where the first stood in the lost incarnation.
    public let old: Position
    /// Where the first stands now.
    public let new: Position
    public internal(set) var count: UInt64
  }

  public let number: UInt64
  /// The last position that it has in common with the log as it stands.
  public let base: Position
  /// For one that began in a part that was lost: its predecessor, up to the entry that began it.
  public let parent: LogPlace?
  /// How far it was recovered, without a gap.
  public internal(set) var recoveredTo: Position
  /// Sorted by the old position.
  public internal(set) var runs: [Run] = []

  init(number: UInt64, base: Position, parent: LogPlace? = nil) {
    self.number = number
    self.base = base
    self.parent = parent
    recoveredTo = parent?.position ?? base
  }

  init(
    number: UInt64, base: Position, parent: LogPlace?, recoveredTo: Position, runs: [Run]
  ) {
    self.number = number
    self.base = base
    self.parent = parent
    self.recoveredTo = recoveredTo
    self.runs = runs
  }

  /// Takes note that an old entry stands at a position now.
  mutating func note(_ old: Position, at new: Position) {
    if let last = runs.last, last.old.rawValue + last.count == old.rawValue,
      last.new.rawValue + last.count == new.rawValue
    {
      runs[runs.count - 1].count += 1
    } else {
      runs.append(Run(old: old, new: new, count: 1))
    }
  }

  /// Where the old positions up to one stand now.
  func positions(upTo old: Position) -> [Seen.Run] {
    runs.compactMap { run in
      guard run.old <= old else { return nil }
      let count = min(run.count, old.rawValue - run.old.rawValue + 1)
      return run.new...Position(run.new.rawValue + count - 1)
    }
  }

  /// Where one old position stands now.
  func position(of old: Position) -> Position? {
    for run in runs where run.old <= old {
      let offset = old.rawValue - run.old.rawValue
      if offset < run.count { return Position(run.new.rawValue + offset) }
    }
    return nil
  }
}

extension SpaceState {
  public func past(_ number: UInt64) -> PastIncarnation? { past.first { $0.number == number } }

  /// Whether the log has ever had this incarnation, as far as is known here.
  public func knows(incarnation number: UInt64) -> Bool {
    number == incarnation || past(number) != nil
  }

  /// What the author of a context had seen.
  ///
  /// - Parameter position: of the commit that carries the context; what was recovered later does not
  ///   count. The next entry's by default.
  public func seen(_ context: Context, at position: Position? = nil) -> Seen {
    guard context.incarnation != incarnation, let old = past(context.incarnation) else {
      return Seen(upTo: context.position)
    }
    let prefix = min(context.position, old.base)
    guard context.position > old.base else { return Seen(upTo: prefix) }
    var runs: [Seen.Run] = []
    var place: LogPlace? = LogPlace(incarnation: old.number, position: context.position)
    while let next = place, let lost = past(next.incarnation) {
      runs += lost.positions(upTo: next.position)
      place = lost.parent.map {
        LogPlace(incarnation: $0.incarnation, position: min($0.position, next.position))
      }
    }
    if let position {
      runs = runs.compactMap { run in
        guard run.lowerBound < position else { return nil }
        return run.upperBound < position
          ? run : run.lowerBound...Position(position.rawValue - 1)
      }
    }
    return Seen(upTo: prefix, further: runs)
  }

  /// Where the entry stands now that stood at a position of some lost incarnation, sorted.
  public func positions(ofLost old: Position) -> [Position] {
    past.compactMap { $0.position(of: old) }.sorted()
  }

  /// The incarnation that a position of the log as it stands was written in.
  public func incarnation(at position: Position) -> UInt64 {
    past.first { $0.parent == nil && position <= $0.base }?.number ?? incarnation
  }

  // MARK: Growing

  mutating func begin(_ number: UInt64, base: Position) {
    past.append(PastIncarnation(number: incarnation, base: base))
    incarnation = number
  }

  mutating func note(_ place: LogPlace, at new: Position?) {
    guard let index = past.firstIndex(where: { $0.number == place.incarnation }),
      place.position == past[index].recoveredTo.next
    else { return }
    past[index].recoveredTo = place.position
    if let new { past[index].note(place.position, at: new) }
  }

  /// An incarnation that began in a part that was lost.
  mutating func note(lost number: UInt64, after place: LogPlace) {
    guard past(number) == nil, number != incarnation, let parent = past(place.incarnation) else {
      return
    }
    past.append(PastIncarnation(number: number, base: parent.base, parent: place))
  }
}

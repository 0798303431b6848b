/// Which positions of the log an author had seen.
///
/// A prefix, but for authors of an incarnation that was lost: of the log since then they have seen
/// only what was recovered from there, up to where they stood (design §6, Restored server).
public struct Seen: Hashable, Sendable {
  /// A run of positions after the prefix.
  public typealias Run = ClosedRange<Position>

  /// Everything up to here.
  public let upTo: Position
  /// Further positions, sorted, apart from each other, all after ``upTo``; almost always none.
  public let further: [Run]

  /// - Parameter further: in any order; runs may touch or overlap.
  public init(upTo: Position, further: [Run] = []) {
    guard !further.isEmpty else {
      self.upTo = upTo
      self.further = []
      return
    }
    var end = upTo
    var kept: [Run] = []
    for run in further.sorted(by: { $0.lowerBound < $1.lowerBound }) where run.upperBound > end {
      if let last = kept.last, run.lowerBound <= last.upperBound.next {
        kept[kept.count - 1] = last.lowerBound...max(last.upperBound, run.upperBound)
      } else if kept.isEmpty, run.lowerBound <= end.next {
        end = run.upperBound
      } else {
        kept.append(run)
      }
    }
    self.upTo = end
    self.further = kept
  }

  public func contains(_ position: Position) -> Bool {
    position <= upTo || further.contains { $0.contains(position) }
  }
}

import CBOR

/// A multi-value register: the values of one field that no other known write has overwritten.
///
/// Invariant: siblings are sorted by position and have distinct origins. Applying writes in log order
/// gives every replica at one position the same siblings (design §4, Registers).
public struct Register: Hashable, Sendable {
  public private(set) var siblings: [Sibling]

  /// Takes the siblings as a set: neither their order nor a repetition matters.
  public init(siblings: [Sibling] = []) {
    self.siblings = siblings
    if siblings.count > 1 { sortAndDropRepetitions() }
  }

  private mutating func sortAndDropRepetitions() {
    siblings.sort { left, right in
      (left.position, left.authorship.origin) < (right.position, right.authorship.origin)
    }
    var kept: [Sibling] = []
    for sibling in siblings where sibling != kept.last { kept.append(sibling) }
    siblings = kept
  }

  /// Whether more than one value stands.
  public var isConflict: Bool { siblings.count > 1 }

  /// Drops what the author had seen or had written before, and adds the new value.
  ///
  /// - Parameter seen: what the author had seen of the log.
  public mutating func apply(_ write: Sibling, seen: Seen) {
    overwrite(by: write.authorship.origin, seen: seen)
    let index = siblings.firstIndex { $0.position > write.position } ?? siblings.endIndex
    siblings.insert(write, at: index)
  }

  /// Drops what an author overwrites, without a new value: that one is known to be overwritten too.
  public mutating func overwrite(by origin: Origin, seen: Seen) {
    siblings.removeAll { Self.isOverwritten($0, by: origin, seen: seen) }
  }

  /// - Parameter position: up to which the author had seen the log.
  public mutating func apply(_ write: Sibling, seen position: Position) {
    apply(write, seen: Seen(upTo: position))
  }

  /// The one rule of overwriting: seen in the log, or an earlier write of the same author's.
  public static func isOverwritten(
    _ sibling: Sibling, by origin: Origin, seen: Seen
  ) -> Bool {
    if seen.contains(sibling.position) { return true }
    let earlier = sibling.authorship.origin
    return earlier.replica == origin.replica && earlier.sequence < origin.sequence
  }
}

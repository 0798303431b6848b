import CBOR

/// The conflict rules: pure functions from the set of siblings to the one shown (design §4).
///
/// Each looks at its argument as a set, so that the order in which writes arrived cannot matter; a
/// property test proves it. Where the rule's own order leaves a tie, the later write is shown.
extension Field {
  /// The sibling shown, or `nil` where none is: an empty register, or `all` with more than one.
  ///
  /// - Parameter type: the record type of the field, for its workflows.
  public func winner(of register: Register, in type: RecordType) -> Sibling? {
    let siblings = register.siblings
    if siblings.count < 2 { return siblings.first }
    switch rule {
    case .latest: return siblings.max(by: Self.isEarlier)
    case .once: return siblings.min { $0.position < $1.position }
    case .highest: return siblings.max { isBelow($0, $1, rank: rankInOrder) }
    case .lowest, .revokeWins: return siblings.max { isBelow($0, $1, rank: reverseRankInOrder) }
    case .workflow:
      let precedence = workflow.flatMap { type.workflow($0) }?.precedence ?? []
      return siblings.max { isBelow($0, $1) { self.reverseRank($0, in: precedence) } }
    case .addWins: return siblings.first { $0.value == .bool(true) } ?? siblings.first
    case .removeWins: return siblings.first { $0.value == .bool(false) } ?? siblings.first
    case .all: return nil
    }
  }

  /// (clock, replica id), then the sequence for two writes of one replica in one reading.
  static func isEarlier(_ left: Sibling, _ right: Sibling) -> Bool {
    let (l, r) = (left.authorship, right.authorship)
    return (l.time, l.origin.replica, l.origin.sequence)
      < (r.time, r.origin.replica, r.origin.sequence)
  }

  private func isBelow(_ left: Sibling, _ right: Sibling, rank: (CBORValue) -> Int) -> Bool {
    let (l, r) = (rank(left.value), rank(right.value))
    return l == r ? Self.isEarlier(left, right) : l < r
  }

  /// The word that the order or the workflow speaks of: the value itself, or a group's component.
  public func orderedWord(of value: CBORValue) -> String? {
    guard let component = orderedBy else { return value.text }
    return value.map?[component]?.text
  }

  /// A value that this schema does not know (an enum value of a newer one) ranks below all others.
  private func rankInOrder(_ value: CBORValue) -> Int {
    orderedWord(of: value).flatMap { order.firstIndex(of: $0) } ?? -1
  }

  private func reverseRankInOrder(_ value: CBORValue) -> Int { reverseRank(value, in: order) }

  private func reverseRank(_ value: CBORValue, in words: [String]) -> Int {
    guard let index = orderedWord(of: value).flatMap({ words.firstIndex(of: $0) }) else {
      return -1
    }
    return words.count - index
  }
}

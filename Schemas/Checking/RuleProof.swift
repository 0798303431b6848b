import CBOR
import Merge

/// Proves on generated sets of concurrent values that a field's rule is a function of the set: neither
/// the order in which values came, nor how often, nor in which groups they met, changes what is shown.
///
/// Uses the code that decides on devices and servers (`Register`, `Field.winner`). The same in every
/// run: the numbers are seeded.
struct RuleProof {
  let field: Field
  let type: RecordType

  private static let setCount = 20
  private static let siblingCountMax = 6

  /// In which way two orders differ; `nil` where none was found.
  var counterexample: String? {
    var numbers = SeededNumbers(state: 0x5a7c_4e1d)
    let values = sampleValues
    for _ in 0..<Self.setCount {
      let siblings = (0..<numbers.below(Self.siblingCountMax + 1)).map { index in
        sibling(index, values[numbers.below(values.count)], &numbers)
      }
      if let found = difference(siblings, &numbers) { return found }
    }
    return nil
  }

  private func difference(
    _ siblings: [Sibling], _ numbers: inout SeededNumbers
  ) -> String? {
    let shown = winner(siblings)
    if winner(siblings.reversed()) != shown { return "reversed" }
    if winner(siblings + siblings) != shown { return "repeated" }
    if winner(siblings.shuffled(using: &numbers)) != shown { return "shuffled" }
    // As they meet: some here, some there, in any grouping.
    let parts = (0..<3).map { _ in siblings.filter { _ in numbers.below(2) == 0 } }
    let left = union(union(parts[0], parts[1]), parts[2])
    let right = union(parts[0], union(parts[2], parts[1]))
    if winner(left) != winner(right) { return "grouped" }
    guard let shown, field.rule != .all else { return nil }
    let rest = siblings.enumerated().filter { $0.element == shown || $0.offset % 2 == 0 }
    return winner(rest.map(\.element))?.value == shown.value ? nil : "without a value not shown"
  }

  private func winner(_ siblings: some Sequence<Sibling>) -> Sibling? {
    field.winner(of: Register(siblings: Array(siblings)), in: type)
  }

  private func union(_ left: [Sibling], _ right: [Sibling]) -> [Sibling] {
    Register(siblings: left + right).siblings
  }

  /// Clocks are often equal, so that ties occur.
  private func sibling(
    _ index: Int, _ value: CBORValue, _ numbers: inout SeededNumbers
  ) -> Sibling {
    var device = [UInt8](repeating: 0, count: ReplicaID.byteCount)
    device[0] = UInt8(numbers.below(3))
    guard let replica = ReplicaID(device) else { preconditionFailure("as long as an id") }
    return Sibling(
      position: Position(UInt64(index + 1)),
      authorship: Authorship(
        origin: Origin(replica: replica, sequence: UInt64(index + 1)),
        time: HybridTime(milliseconds: UInt64(numbers.below(3)), counter: 0)),
      value: value)
  }

  /// Every declared word, one that is not declared, no value, and others of the kind.
  private var sampleValues: [CBORValue] {
    if field.rule.isSet { return [.bool(true), .bool(false)] }
    let words = field.kind.enumeratedValues(component: field.orderedBy) ?? ["a", "b", "c"]
    let named = (words + ["undeclared"]).flatMap { word -> [CBORValue] in
      guard let component = field.orderedBy else { return [.text(word)] }
      return ["x", "y"].map { other in
        .map(CBORMap([(.text(component), .text(word)), (.text("~other"), .text(other))]))
      }
    }
    return named + [.null]
  }
}

/// A seeded generator (Steele, Lea, Flood, 2014): a proof that fails once fails always.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(state: UInt64) { self.state = state }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
}

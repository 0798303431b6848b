import CBOR
import Merge
import TestSupport
import Testing

/// One field for each conflict rule, and the values that the generators write to it.
struct RuleCase: Sendable, CustomTestStringConvertible {
  let rule: Rule
  let field: Field
  let values: [CBORValue]

  var testDescription: String { rule.rawValue }

  static let workflow = Workflow(
    name: "ticket", states: ["open", "resolved", "closed", "reopened"],
    precedence: ["reopened", "closed", "resolved", "open"], transitions: [])

  /// A record type with nothing but the workflow.
  static let type = RecordType(
    name: "ticket", space: .casework, parent: nil, concurrentDelete: .editWins, history: .keep,
    fields: [], workflows: [workflow], creators: [], deleters: [], createPermission: nil)

  static func group(_ component: String, _ word: String, _ reason: UInt64) -> CBORValue {
    .map([.text(component): .text(word), "reason": .unsigned(reason)])
  }

  private static func field(
    _ rule: Rule, _ kind: Field.Kind, order: [String] = [], orderedBy: String? = nil
  ) -> Field {
    Field(
      name: rule.rawValue, kind: kind, sealed: false, rule: rule, order: order,
      orderedBy: orderedBy, workflow: rule == .workflow ? "ticket" : nil, sizeMax: 100)
  }

  static let latest = RuleCase(
    rule: .latest, field: field(.latest, .text), values: ["a", "b", .null])
  static let once = RuleCase(
    rule: .once, field: field(.once, .integer), values: [.unsigned(1), .unsigned(2)])
  static let highest = RuleCase(
    rule: .highest,
    field: field(
      .highest, .enumeration(["minor", "major", "critical"]),
      order: ["minor", "major", "critical"]),
    values: ["minor", "major", "critical", "catastrophic", .null])
  static let lowest = RuleCase(
    rule: .lowest,
    field: field(.lowest, .enumeration(["low", "high"]), order: ["low", "high"]),
    values: ["low", "high", "unheard", .null])
  static let revokeWins = RuleCase(
    rule: .revokeWins,
    field: field(
      .revokeWins, .group([]), order: ["revoked", "declined", "approved"], orderedBy: "decision"),
    values: ["revoked", "declined", "approved", "newer"].flatMap {
      [group("decision", $0, 1), group("decision", $0, 2)]
    } + [.null])
  static let workflowRule = RuleCase(
    rule: .workflow, field: field(.workflow, .group([]), orderedBy: "state"),
    values: ["open", "resolved", "closed", "reopened", "archived"].flatMap {
      [group("state", $0, 1), group("state", $0, 2)]
    })
  static let addWins = RuleCase(
    rule: .addWins, field: field(.addWins, .set(.text)), values: [true, false])
  static let removeWins = RuleCase(
    rule: .removeWins, field: field(.removeWins, .set(.text)), values: [true, false])
  static let all = RuleCase(rule: .all, field: field(.all, .text), values: ["a", "b"])

  static let everyRule = [
    latest, once, highest, lowest, revokeWins, workflowRule, addWins, removeWins, all,
  ]

  func winner(_ siblings: [Sibling]) -> Sibling? {
    field.winner(of: Register(siblings: siblings), in: Self.type)
  }

  /// Siblings with positions and origins of their own; clocks often equal, so that ties occur.
  func siblings(count: Int, _ random: inout SplitMix64) -> [Sibling] {
    (0..<count).map { index in
      .by(
        Int.random(in: 1...3, using: &random), UInt64(index + 1),
        at: UInt64(index * 2 + 1), time: UInt64.random(in: 0...2, using: &random),
        random.pick(values))
    }.shuffled(using: &random)
  }
}

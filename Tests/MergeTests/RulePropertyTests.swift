import CBOR
import Merge
import TestSupport
import Testing

/// Every rule is a total function of a set: neither order nor repetition nor grouping matters.
struct RulePropertyTests {
  private static let seeds: Range<UInt64> = 0..<60

  @Test(arguments: RuleCase.everyRule) func orderAndRepetitionDoNotMatter(rule: RuleCase) {
    for seed in Self.seeds {
      var random = SplitMix64(seed: seed)
      let siblings = rule.siblings(count: Int.random(in: 0...6, using: &random), &random)
      let expected = rule.winner(siblings)
      for _ in 0..<5 {
        let repeated = siblings.filter { _ in random.oneIn(2) }
        let again = (siblings + repeated).shuffled(using: &random)
        #expect(rule.winner(again) == expected)
      }
    }
  }

  @Test(arguments: RuleCase.everyRule) func unionsMayBeGroupedInAnyWay(rule: RuleCase) {
    for seed in Self.seeds {
      var random = SplitMix64(seed: seed)
      let siblings = rule.siblings(count: 6, &random)
      // Three overlapping parts.
      let parts = (0..<3).map { _ in siblings.filter { _ in random.oneIn(2) } }
      let (a, b, c) = (parts[0], parts[1], parts[2])
      func union(_ left: [Sibling], _ right: [Sibling]) -> [Sibling] {
        Register(siblings: left + right).siblings
      }
      #expect(rule.winner(union(a, b)) == rule.winner(union(b, a)))
      #expect(rule.winner(union(union(a, b), c)) == rule.winner(union(a, union(b, c))))
      #expect(rule.winner(union(a, a)) == rule.winner(a))
    }
  }

  @Test(arguments: RuleCase.everyRule) func theShownValueIsOneOfTheSiblings(rule: RuleCase) {
    for seed in Self.seeds {
      var random = SplitMix64(seed: seed)
      let siblings = rule.siblings(count: Int.random(in: 1...6, using: &random), &random)
      guard let winner = rule.winner(siblings) else {
        #expect(rule.rule == .all && siblings.count > 1)
        continue
      }
      #expect(siblings.contains(winner))
    }
  }

  /// What is shown of some of the siblings cannot be beaten by those of them that it beat before.
  @Test(arguments: RuleCase.everyRule.filter { $0.rule != .all })
  func droppingALoserChangesNothing(rule: RuleCase) throws {
    for seed in Self.seeds {
      var random = SplitMix64(seed: seed)
      let siblings = rule.siblings(count: 5, &random)
      let winner = try #require(rule.winner(siblings))
      let loser = siblings.first { $0 != winner }
      let rest = siblings.filter { $0 != loser }
      #expect(rule.winner(rest)?.value == winner.value)
    }
  }

  /// Against a plain reading of the table in the design.
  @Test func rankedRulesShowTheBestKnownWord() {
    let ranked: [(RuleCase, [String])] = [
      (.highest, ["critical", "major", "minor"]), (.lowest, ["low", "high"]),
      (.revokeWins, ["revoked", "declined", "approved"]),
      (.workflowRule, RuleCase.workflow.precedence),
    ]
    for (rule, bestFirst) in ranked {
      for seed in Self.seeds {
        var random = SplitMix64(seed: seed)
        let siblings = rule.siblings(count: 4, &random)
        let words = siblings.map { rule.field.orderedWord(of: $0.value) }
        let best = bestFirst.first { words.contains($0) }
        let shown = rule.winner(siblings).flatMap { rule.field.orderedWord(of: $0.value) }
        if best != nil { #expect(shown == best) }
      }
    }
  }

  @Test(arguments: RuleCase.everyRule) func anEmptyRegisterShowsNothing(rule: RuleCase) {
    #expect(rule.winner([]) == nil)
  }
}

import CBOR
import Merge
import Testing

/// What each rule shows of concurrent values.
struct RuleTests {
  @Test func latestShowsTheHighestClock() {
    let rule = RuleCase.latest
    let siblings = [
      Sibling.by(1, 1, at: 9, time: 5, "old"), .by(2, 1, at: 3, time: 8, "new"),
      .by(3, 1, at: 6, time: 7, "middle"),
    ]
    #expect(rule.winner(siblings)?.value == "new")
  }

  @Test func equalClocksAreDecidedByReplicaThenSequence() {
    let rule = RuleCase.latest
    let replicas = [Sibling.by(2, 1, at: 1, time: 5, "b"), .by(1, 9, at: 2, time: 5, "a")]
    #expect(rule.winner(replicas)?.value == "b")
    let sequences = [Sibling.by(1, 3, at: 1, time: 5, "b"), .by(1, 2, at: 2, time: 5, "a")]
    #expect(rule.winner(sequences)?.value == "b")
  }

  @Test func onceShowsTheLowestPosition() {
    let siblings = [
      Sibling.by(1, 1, at: 9, time: 1, .unsigned(1)), .by(2, 1, at: 3, time: 9, .unsigned(2)),
    ]
    #expect(RuleCase.once.winner(siblings)?.value == .unsigned(2))
  }

  @Test func highestAndLowestFollowTheDeclaredOrder() {
    let severity = [
      Sibling.by(1, 1, at: 1, time: 1, "critical"), .by(2, 1, at: 2, time: 2, "minor"),
    ]
    #expect(RuleCase.highest.winner(severity)?.value == "critical")
    let level = [Sibling.by(1, 1, at: 1, time: 1, "low"), .by(2, 1, at: 2, time: 2, "high")]
    #expect(RuleCase.lowest.winner(level)?.value == "low")
  }

  @Test func theMostRestrictiveDecisionIsShown() {
    let siblings = ["approved", "revoked", "declined"].enumerated().map { index, word in
      Sibling.by(
        index + 1, 1, at: UInt64(index + 1), time: UInt64(index),
        RuleCase.group("decision", word, 0))
    }
    let winner = RuleCase.revokeWins.winner(siblings)
    #expect(winner?.value == RuleCase.group("decision", "revoked", 0))
    let without = RuleCase.revokeWins.winner([siblings[0], siblings[2]])
    #expect(without?.value == RuleCase.group("decision", "declined", 0))
  }

  @Test func theFirstStateOfThePrecedenceIsShown() {
    let words = ["closed", "open", "resolved", "reopened"]
    var siblings = words.enumerated().map { index, word in
      Sibling.by(index + 1, 1, at: UInt64(index + 1), RuleCase.group("state", word, 0))
    }
    #expect(
      RuleCase.workflowRule.winner(siblings)?.value == RuleCase.group("state", "reopened", 0))
    siblings.removeLast()
    #expect(RuleCase.workflowRule.winner(siblings)?.value == RuleCase.group("state", "closed", 0))
  }

  @Test func concurrentAddingAndRemovingIsDecidedByTheRule() {
    let siblings = [Sibling.by(1, 1, at: 1, true), .by(2, 1, at: 2, false)]
    #expect(RuleCase.addWins.winner(siblings)?.value == true)
    #expect(RuleCase.removeWins.winner(siblings)?.value == false)
  }

  @Test func allShowsNothingWhileThereIsAChoice() {
    let siblings = [Sibling.by(1, 1, at: 1, "a"), .by(2, 1, at: 2, "b")]
    #expect(RuleCase.all.winner(siblings) == nil)
    #expect(RuleCase.all.winner([siblings[0]])?.value == "a")
  }

  @Test func valuesOfANewerSchemaRankBelowAllKnownOnes() {
    let severity = [Sibling.by(1, 1, at: 1, time: 9, "catastrophic"), .by(2, 1, at: 2, "minor")]
    #expect(RuleCase.highest.winner(severity)?.value == "minor")
    let level = [Sibling.by(1, 1, at: 1, time: 9, "unheard"), .by(2, 1, at: 2, "high")]
    #expect(RuleCase.lowest.winner(level)?.value == "high")
    let newer = RuleCase.group("decision", "newer", 0)
    let approved = RuleCase.group("decision", "approved", 0)
    let decisions = [Sibling.by(1, 1, at: 1, time: 9, newer), .by(2, 1, at: 2, approved)]
    #expect(RuleCase.revokeWins.winner(decisions)?.value == approved)
    let archived = RuleCase.group("state", "archived", 0)
    let open = RuleCase.group("state", "open", 0)
    let states = [Sibling.by(1, 1, at: 1, time: 9, archived), .by(2, 1, at: 2, open)]
    #expect(RuleCase.workflowRule.winner(states)?.value == open)
  }

  @Test func aGroupIsRankedByItsDeclaredComponent() {
    let field = RuleCase.revokeWins.field
    let value = RuleCase.group("decision", "declined", 3)
    #expect(field.orderedWord(of: value) == "declined")
    #expect(field.orderedWord(of: .null) == nil)
    #expect(field.orderedWord(of: "declined") == nil)
    #expect(RuleCase.highest.field.orderedWord(of: "minor") == "minor")
  }

  @Test func onlyBlindRulesMaySeal() {
    #expect(Rule.allCases.filter(\.maySeal) == [.latest, .once, .all])
  }
}

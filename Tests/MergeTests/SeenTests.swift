import CBOR
import TestSupport
import Testing

@testable import Merge

/// What authors of lost incarnations had seen.
@Suite struct SeenTests {
  private func run(_ first: UInt64, _ last: UInt64) -> Seen.Run { Position(first)...Position(last) }

  @Test func joinsRunsThatTouch() {
    let seen = Seen(upTo: Position(3), further: [run(9, 9), run(4, 5), run(7, 8), run(2, 3)])
    #expect(seen.upTo == Position(5))
    #expect(seen.further == [run(7, 9)])
    for position in 0...5 as ClosedRange<UInt64> { #expect(seen.contains(Position(position))) }
    #expect(!seen.contains(Position(6)))
    #expect(seen.contains(Position(8)))
    #expect(!seen.contains(Position(10)))
    #expect(!seen.contains(.pending(sequence: 1)))
  }

  /// Against the plainest way: a set.
  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func containsWhatItWasGiven(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let upTo = random.next() % 10
    var expected = Set(0...upTo)
    var runs: [Seen.Run] = []
    for _ in 0..<Int(random.next() % 5) {
      let first = random.next() % 30
      let last = first + random.next() % 6
      runs.append(run(first, last))
      expected.formUnion(first...last)
    }
    let seen = Seen(upTo: Position(upTo), further: runs)
    for position in 0...40 as ClosedRange<UInt64> {
      #expect(seen.contains(Position(position)) == expected.contains(position))
    }
  }

  private func state(_ facts: [LogFact]) -> SpaceState {
    var state = SpaceState(id: .numbered(1), server: Person.server.device)
    for fact in facts { state.apply(fact) }
    return state
  }

  private func place(_ incarnation: UInt64, _ position: UInt64) -> LogPlace {
    LogPlace(incarnation: incarnation, position: Position(position))
  }

  private func seen(_ state: SpaceState, _ incarnation: UInt64, _ position: UInt64) -> Seen {
    state.seen(Context(incarnation: incarnation, position: Position(position)))
  }

  private func time(_ number: UInt64) -> LogFact { .time(milliseconds: number) }

  @Test func anOldContextSeesWhatCameBackUpToIt() {
    // 1 2 | 3: incarnation 7, 4: new, 5 6: old 3 4, 7: old 5 stands at 4.
    let state = state([
      time(1), time(2), .incarnation(7), time(3), .recovered(place(0, 3), time(4)),
      .recovered(place(0, 4), time(5)), .recoveredAlready(place(0, 5), at: Position(4)),
    ])
    #expect(state.incarnation == 7)
    #expect(state.past(0)?.base == Position(2))
    #expect(seen(state, 0, 1) == Seen(upTo: Position(1)))
    #expect(seen(state, 0, 3) == Seen(upTo: Position(2), further: [run(5, 5)]))
    #expect(seen(state, 0, 4) == Seen(upTo: Position(2), further: [run(5, 6)]))
    #expect(seen(state, 0, 99) == Seen(upTo: Position(2), further: [run(4, 6)]))
    #expect(seen(state, 7, 6) == Seen(upTo: Position(6)))
    // What came back later did not count for a commit that stood before.
    let earlier = state.seen(
      Context(incarnation: 0, position: Position(4)), at: Position(6))
    #expect(earlier == Seen(upTo: Position(2), further: [run(5, 5)]))
    #expect(state.positions(ofLost: Position(4)) == [Position(6)])
    #expect((1...3).map { state.incarnation(at: Position($0)) } == [0, 0, 7])
  }

  /// A server that is restored again from before its first restore.
  @Test func anIncarnationCanBeLostItself() {
    // 1 | 2: incarnation 9, 3: old 2, 4: old 3, which began 7, 5: 7's 4.
    let state = state([
      time(1), .incarnation(9), .recovered(place(0, 2), time(2)),
      .recovered(place(0, 3), .incarnation(7)), .recovered(place(7, 4), time(3)),
    ])
    #expect(state.incarnation == 9)
    #expect(seen(state, 0, 2) == Seen(upTo: Position(1), further: [run(3, 3)]))
    #expect(seen(state, 7, 4) == Seen(upTo: Position(1), further: [run(3, 5)]))
    #expect(seen(state, 7, 2) == Seen(upTo: Position(1), further: [run(3, 3)]))
  }

  @Test func aStateWithAPastIsStored() throws {
    let state = state([
      time(1), .incarnation(9), .recovered(place(0, 2), .incarnation(7)),
      .recovered(place(7, 3), time(3)), .recoveredAlready(place(7, 4), at: .zero),
    ])
    let again = try SpaceState(
      id: state.id, server: state.server, stored: state.stored)
    #expect(again == state)
  }

  @Test func aDeletionKeepsWhatItsAuthorHadSeen() throws {
    let seen = Seen(upTo: Position(2), further: [run(4, 5), run(8, 8)])
    let deletion = Deletion(
      position: Position(9), authorship: Authorship(origin: .of(1, 1), time: .zero), seen: seen)
    let state = RecordState(created: Position(1), deletions: [deletion])
    #expect(try RecordState(stored: state.stored) == state)
    #expect(try Seen.further(stored: try #require(seen.storedFurther)) == seen.further)
    #expect(Seen(upTo: Position(3)).storedFurther == nil)
  }

  @Test func oldEntriesComeBackInOrderAndOnce() throws {
    var space = TestSpace()
    let judged = { (space: TestSpace, fact: LogFact) in
      if case .accepted = try space.judge(fact) { true } else { false }
    }
    try space.append(time(1))
    #expect(try !judged(space, .recovered(place(0, 2), time(2))))
    try space.append(.incarnation(5))
    #expect(try !judged(space, .incarnation(5)))
    #expect(try !judged(space, .incarnation(4)))
    #expect(try !judged(space, .recovered(place(0, 3), time(2))))
    #expect(try !judged(space, .recovered(place(3, 2), time(2))))
    #expect(try judged(space, .recovered(place(0, 2), time(2))))
    try space.append(.recovered(place(0, 2), time(2)))
    #expect(try !judged(space, .recovered(place(0, 2), time(2))))
    // Nobody comes in who never took part.
    let stranger = Commit(
      header: CommitHeader(time: .zero, context: Context(position: .zero)), changes: [])
    let commit = LogFact.commit(stranger, Origin(replica: Person.outsider.replica, sequence: 1))
    #expect(try !judged(space, .recovered(place(0, 3), commit)))
  }
}

import Merge
import Testing

struct PositionTests {
  private let highest = Position.countMax - 1

  @Test func pendingStandsAboveEveryRealPosition() {
    let last = Position(highest)
    #expect(Position.zero < Position(1))
    #expect(last < .pending(sequence: 0))
    #expect(last < .pending(sequence: 1))
  }

  @Test func pendingIsOrderedBySequence() {
    #expect(Position.pending(sequence: 1) < .pending(sequence: 2))
    #expect(Position.pending(sequence: 2) < .pending(sequence: highest))
  }

  @Test func tellsPendingFromReal() {
    #expect(Position(7).pendingSequence == nil)
    #expect(Position(highest).pendingSequence == nil)
    #expect(Position.pending(sequence: 7).pendingSequence == 7)
    #expect(Position.pending(sequence: highest).pendingSequence == highest)
  }

  @Test func comesBackAsStored() {
    for position in [Position.zero, Position(highest), .pending(sequence: 3)] {
      #expect(Position(stored: position.rawValue) == position)
    }
    #expect(Position(stored: 2 * Position.countMax) == nil)
    #expect(Position(stored: .max) == nil)
  }

  @Test func theNextOfZeroIsTheFirst() { #expect(Position.zero.next == Position(1)) }
}

import CBOR
import Merge
import TestSupport
import Testing

struct DeletionTests {
  private let record = RecordID.numbered(1)

  private func change(
    _ operation: RecordChange.Operation, _ writes: [FieldWrite] = []
  ) -> RecordChange {
    RecordChange(type: "note", record: record, operation: operation, writes: writes)
  }

  private func edit(_ key: String = "text") -> RecordChange {
    change(.update, [FieldWrite(key: key, value: "edited")])
  }

  private func stamp(
    _ device: Int, _ sequence: UInt64, at position: UInt64, seen: UInt64
  ) -> CommitStamp {
    CommitStamp(
      position: Position(position),
      authorship: Authorship(origin: .of(device, sequence), time: .zero), seen: Position(seen))
  }

  /// Made by device 1 at position 1.
  private func created() -> RecordState {
    var state = RecordState()
    let writes = ["text", "title"].map { FieldWrite(key: $0, value: "first") }
    state.apply(change(.create, writes), of: stamp(1, 1, at: 1, seen: 0))
    return state
  }

  @Test func aDeleteThatHasSeenEverythingWinsUnderBothRules() {
    var state = created()
    #expect(!state.isGone(.deleteWins) && !state.isGone(.editWins))
    state.apply(change(.delete), of: stamp(2, 1, at: 2, seen: 1))
    #expect(state.isGone(.deleteWins) && state.isGone(.editWins))
    #expect(state.created == Position(1))
  }

  @Test func aConcurrentEditKeepsTheRecordOnlyWhereEditsWin() {
    var state = created()
    state.apply(edit(), of: stamp(1, 2, at: 2, seen: 1))
    state.apply(change(.delete), of: stamp(2, 1, at: 3, seen: 1))
    #expect(state.isGone(.deleteWins))
    #expect(!state.isGone(.editWins))
  }

  @Test(arguments: ["text", "new", "labels/urgent"])
  func deleteAgainstEditIsTheSameInBothLogOrders(key: String) {
    var editFirst = created()
    editFirst.apply(edit(key), of: stamp(1, 2, at: 2, seen: 1))
    editFirst.apply(change(.delete), of: stamp(2, 1, at: 3, seen: 1))
    var deleteFirst = created()
    deleteFirst.apply(change(.delete), of: stamp(2, 1, at: 2, seen: 1))
    deleteFirst.apply(edit(key), of: stamp(1, 2, at: 3, seen: 1))
    for rule in RecordType.ConcurrentDelete.allCases {
      #expect(editFirst.isGone(rule) == deleteFirst.isGone(rule))
    }
    #expect(!editFirst.isGone(.editWins))
  }

  @Test func aDeleteCoversItsAuthorsOwnEarlierWrites() {
    var state = created()
    state.apply(edit(), of: stamp(2, 1, at: 5, seen: 1))
    // The author's own edit has a position that no context of the same push can have seen.
    state.apply(change(.delete), of: stamp(2, 2, at: 6, seen: 1))
    #expect(state.isGone(.editWins))
  }

  @Test func anEditAfterTheDeleteBringsTheRecordBackWhereEditsWin() {
    var state = created()
    state.apply(change(.delete), of: stamp(2, 1, at: 2, seen: 1))
    state.apply(edit(), of: stamp(1, 2, at: 3, seen: 2))
    #expect(!state.isGone(.editWins))
    #expect(state.isGone(.deleteWins))
    state.apply(change(.delete), of: stamp(1, 3, at: 4, seen: 3))
    #expect(state.isGone(.editWins))
  }

  @Test func oneUncoveredFieldIsEnough() {
    var state = created()
    state.apply(edit("title"), of: stamp(3, 1, at: 2, seen: 1))
    state.apply(change(.delete), of: stamp(2, 1, at: 3, seen: 1))
    #expect(!state.isGone(.editWins))
    state.apply(change(.delete), of: stamp(4, 1, at: 4, seen: 2))
    #expect(state.isGone(.editWins))
  }

  @Test func aLaterDeleteReplacesThoseItHasSeen() {
    var state = created()
    state.apply(change(.delete), of: stamp(2, 1, at: 2, seen: 1))
    state.apply(change(.delete), of: stamp(3, 1, at: 3, seen: 1))
    #expect(state.deletions.map(\.position) == [Position(2), Position(3)])
    state.apply(change(.delete), of: stamp(4, 1, at: 4, seen: 2))
    #expect(state.deletions.map(\.position) == [Position(3), Position(4)])
    state.apply(change(.delete), of: stamp(3, 2, at: 5, seen: 1))
    #expect(state.deletions.map(\.position) == [Position(4), Position(5)])
  }

  @Test func concurrentDeletesCoverTogether() {
    var state = RecordState()
    let writes = ["text", "title"].map { FieldWrite(key: $0, value: "first") }
    state.apply(change(.create, writes), of: stamp(1, 1, at: 1, seen: 0))
    state.apply(edit("text"), of: stamp(2, 1, at: 2, seen: 1))
    state.apply(edit("title"), of: stamp(3, 1, at: 3, seen: 1))
    state.apply(change(.delete), of: stamp(2, 2, at: 4, seen: 1))
    #expect(!state.isGone(.editWins))
    state.apply(change(.delete), of: stamp(3, 2, at: 5, seen: 1))
    #expect(state.isGone(.editWins))
  }

  /// What came back to a restored server may rest on a commit that was lost, or refused by now. When
  /// the record is created after all, all have to come to the same, whatever they held of it before.
  @Test func aChangeOfWhatDoesNotExistHasNoEffect() {
    var state = RecordState()
    state.apply(edit("text"), of: stamp(2, 1, at: 1, seen: 0))
    state.applyStub(edit("text"), of: stamp(2, 2, at: 2, seen: 0))
    state.apply(change(.delete), of: stamp(2, 3, at: 3, seen: 0))
    state.applyStub(change(.delete), of: stamp(2, 4, at: 4, seen: 0))
    #expect(state == RecordState())
    state.applyStub(change(.create), of: stamp(1, 1, at: 5, seen: 0))
    state.apply(edit("text"), of: stamp(2, 5, at: 6, seen: 5))
    #expect(state.created == Position(5))
    #expect(state.registers.keys.sorted() == ["text"])
  }

  /// A delete adds to what is covered and never uncovers: between one write and the next, whether
  /// the record is visible follows from the sets of writes and deletes alone.
  @Test(arguments: 0..<200) func visibilityEqualsItsDefinition(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var state = created()
    var writes = [stamp(1, 1, at: 1, seen: 0)]
    var deletes: [CommitStamp] = []
    var sequences: [Int: UInt64] = [1: 1]
    var known: [Int: UInt64] = [:]
    for position in 2..<UInt64.random(in: 4...12, using: &random) {
      let device = Int.random(in: 1...3, using: &random)
      sequences[device, default: 0] += 1
      // A replica never knows less of the log than before.
      let seen = UInt64.random(in: known[device, default: 1]..<position, using: &random)
      known[device] = seen
      let stamp = stamp(device, sequences[device]!, at: position, seen: seen)
      if random.oneIn(3) {
        deletes.append(stamp)
        state.apply(change(.delete), of: stamp)
      } else {
        writes.append(stamp)
        state.apply(change(.update, [FieldWrite(key: "f\(position)", value: true)]), of: stamp)
      }
    }
    let isVisible = writes.contains { write in !deletes.contains { Self.covers($0, write) } }
    #expect(state.isGone(.editWins) == (!isVisible && !deletes.isEmpty))
    #expect(state.isGone(.deleteWins) == !deletes.isEmpty)
  }

  /// All deletes ever made count, also those that later ones have replaced.
  private static func covers(_ delete: CommitStamp, _ write: CommitStamp) -> Bool {
    let (deleter, author) = (delete.authorship.origin, write.authorship.origin)
    return delete.seen.contains(write.position)
      || (deleter.replica == author.replica && author.sequence < deleter.sequence)
  }

  @Test func createdIsTheLowestPositionThatCreatesIt() {
    var state = RecordState()
    state.apply(change(.create), of: stamp(1, 1, at: 7, seen: 0))
    state.apply(change(.create), of: stamp(2, 1, at: 4, seen: 0))
    state.apply(change(.create), of: stamp(3, 1, at: 9, seen: 0))
    #expect(state.created == Position(4))
  }
}

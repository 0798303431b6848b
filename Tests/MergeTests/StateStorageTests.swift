import CBOR
import Merge
import Testing

@Suite struct StateStorageTests {
  /// More than a message may hold: members can write that much, and the row has to be readable again.
  private static let manyCount = 70_000

  @Test func aRecordWithVeryManyElementsIsReadAgain() throws {
    var state = RecordState(created: Position(1))
    for number in 0..<Self.manyCount {
      state.registers["labels/\(number)"] = Register(
        siblings: [.by(1, 1, at: 1, .bool(true))])
    }
    #expect(try RecordState(stored: state.stored) == state)
  }

  @Test func aSpaceWithVeryManyEpochsIsReadAgain() throws {
    var state = SpaceState(id: .numbered(1), server: Person.server.device)
    for number in 0..<Self.manyCount {
      let id = try #require(
        EpochID((0..<32).map { UInt8(truncatingIfNeeded: number >> (8 * ($0 % 4))) }))
      state.apply(
        .epoch(
          LogFact.EpochProposal(
            id: id, previous: nil, author: Person.client.device, recipients: [])))
    }
    let read = try SpaceState(id: state.id, server: state.server, stored: state.stored)
    #expect(read == state)
  }
}

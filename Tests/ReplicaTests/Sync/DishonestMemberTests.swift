import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

@Suite struct DishonestMemberTests {
  /// A client wraps an engagement's next key for somebody else than the practitioner it names.
  @Test func aKeyThatIsWrappedForSomebodyElse() throws {
    let world = try World(opening: ["client", "practitioner"])
    let (client, practitioner) = (world.client, world.practitioner)
    let engagement = world.facts.engagement
    try client.sync()
    let own = try #require(Bytes32(client.account.bytes))
    let other = try #require(Bytes32(practitioner.account.bytes))
    let key = try client.replica.ownChain().accountKey
    let (epoch, wraps) = try client.replica.makeEpoch(
      in: engagement, previous: client.replica.usableEpoch(of: engagement), generation: 1,
      recipients: [own, other].map { EpochRecipient(id: $0, key: key, generation: 0) })
    var report = SyncReport()
    let connection = try client.replica.connect(client.network, &report)
    let verdicts = try client.replica.push(
      [epoch], wraps: wraps, in: engagement, connection)
    #expect(verdicts.count == 1)

    for _ in 0..<2 {
      let report = try practitioner.sync()
      #expect(report.problems.count == 1)
      let kinds = try practitioner.evidenceKinds()
      #expect(kinds == ["epoch wrap"])
    }
    let ticket = try practitioner.makeTicket(in: world.facts.casework)
    try practitioner.sync()
    try client.sync()
    let isShown = try client.isShown("ticket", ticket, in: world.facts.casework)
    #expect(isShown)
  }

  private enum Garbage: CaseIterable {
    /// Sealed as it should be, and not a value.
    case sealed
    /// Not sealed by any key.
    case random
  }

  /// A practitioner makes the own name unreadable; the client can still name and revoke them.
  @Test(arguments: Garbage.allCases)
  private func aNameThatCannotBeOpened(garbage: Garbage) throws {
    let world = try World(opening: ["client", "practitioner"])
    let (client, practitioner) = (world.client, world.practitioner)
    let engagement = world.facts.engagement
    try world.settle()
    let replica = practitioner.replica
    let number = try replica.store.number(of: engagement)
    let record = try #require(
      try replica.database.first(
        "SELECT record FROM profile WHERE space = ? AND account = ?", .integer(number),
        .blob(practitioner.account.bytes)
      ) { RecordID($0.blob(0)) } ?? nil)
    let epoch = try #require(try replica.store.state(engagement).currentEpoch)
    let hint = Array(epoch.bytes.prefix(SealedField.epochHintByteCount))
    var sealed = [1] + hint + [UInt8](repeating: 7, count: 64)
    if garbage == .sealed {
      let key = try #require(try replica.unlockedKeys().symmetric(.epoch(engagement, epoch)))
      let context = FieldContext(
        space: engagement, type: "profile", record: record, key: "name", epoch: epoch,
        author: practitioner.account)
      sealed = try SealedField.seal(
        [0xff, 0xff], key: key, epochHint: hint, associatedData: context.associatedData,
        random: SeededRandom(seed: 5))
    }
    let state = try replica.store.state(engagement)
    let change = RecordChange(
      type: "profile", record: record, operation: .update,
      writes: [FieldWrite(key: "name", value: .bytes(sealed), sealed: true)])
    let commit = Commit(
      header: CommitHeader(
        time: HybridTime(milliseconds: state.timeMilliseconds, counter: 9),
        context: Context(position: state.position)), changes: [change])
    try replica.transaction {
      try replica.enqueue(
        EncodedCommit(commit), commit, after: replica.ownJournal(space: number),
        space: engagement, number: number, privateCopy: [])
    }
    try world.settle()

    let id = String(practitioner.account.hex)
    let people = try client.replica.people()
    #expect(people.contains { $0.account == practitioner.account })
    #expect(try client.replica.person(named: id) == practitioner.account)
  }
}

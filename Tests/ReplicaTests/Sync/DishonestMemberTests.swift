import Merge
import Sealing
import Signing
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
      in: engagement, previous: client.replica.store.state(engagement).currentEpoch,
      generation: 1, recipients: [(own, key), (other, key)])
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

  /// A client gives itself a name that does not open, or that is no value under its seal: nobody else's
  /// name is hidden by it.
  @Test(arguments: [true, false])
  func aNameThatIsSealedWrongly(isAuthentic: Bool) throws {
    let world = try World(opening: ["client", "practitioner"])
    let (client, practitioner) = (world.client, world.practitioner)
    let engagement = world.facts.engagement
    try world.settle()
    let record = client.newRecordID()
    let name = try wrongName(record, by: client, in: engagement, isAuthentic: isAuthentic)
    let change = RecordChange(
      type: "profile", record: record, operation: .create,
      writes: [
        FieldWrite(key: "account", value: .bytes(client.account.bytes)),
        FieldWrite(key: "name", value: .bytes(name), sealed: true),
      ])
    let verdicts = try push(change, by: client, in: engagement, world)
    let isAccepted = verdicts.allSatisfy { if case .accepted = $0 { true } else { false } }
    #expect(verdicts.count == 1 && isAccepted, "\(verdicts)")
    let report = try practitioner.sync()
    #expect(report.problems == [])
    let isShown = try practitioner.isShown("profile", record, in: engagement)
    #expect(isShown)
    let people = try practitioner.replica.people().map(\.account)
    #expect(people.contains(client.account))
    let answer = try practitioner.replica.query("SELECT person(account) FROM profile")
    #expect(!answer.rows.isEmpty)
  }

  private func wrongName(
    _ record: RecordID, by author: Party, in space: SpaceID, isAuthentic: Bool
  ) throws -> [UInt8] {
    let epoch = try #require(try author.replica.store.state(space).currentEpoch)
    let key = try #require(try author.replica.unlockedKeys().symmetric(.epoch(space, epoch)))
    let context = FieldContext(
      space: space, type: "profile", record: record, key: "name", epoch: epoch,
      author: author.account)
    // No CBOR begins with this byte.
    return try SealedField.seal(
      [0xff], key: key, epochHint: Array(epoch.bytes.prefix(SealedField.epochHintByteCount)),
      associatedData: isAuthentic ? context.associatedData : [1],
      random: author.environment.random)
  }

  private func push(
    _ change: RecordChange, by author: Party, in space: SpaceID, _ world: World
  ) throws -> [PushVerdict] {
    let (entry, tail) = try Forger(world).commit(change, by: author, in: space)
    let commit = try #require(entry.commit)
    let segment = JournalSegment(
      replica: tail.replica,
      after: try author.replica.store.journalPoint(space, tail.replica), commits: [commit],
      signature: tail.signature)
    var report = SyncReport()
    let connection = try author.replica.connect(author.network, &report)
    return try connection.call(
      Path.push, PushRequest(space: space, items: [.segment(segment)]), PushResponse.self
    ).verdicts
  }
}

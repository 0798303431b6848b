import Merge
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
}

import CommandSupport
import Foundation
import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Keys and bytes that are not the ones that were asked for.
@Suite struct ObjectTests {
  private let practice: Practice

  init() throws { practice = try Practice() }

  /// Two files in the client's vault, one of several chunks, which the tablet has not fetched yet.
  private func files() throws -> [String: String] {
    let text = String(repeating: "0123456789abcdef", count: 3 * 4096) + "end"
    let contents = ["letter.txt": "words", "long.txt": text]
    for (name, text) in contents.sorted(by: { $0.key < $1.key }) {
      let path = try practice.stage.file(name, text)
      #expect(try practice.world.client.replica.addToVault([path]).problems.isEmpty)
    }
    try practice.world.client.sync()
    return contents
  }

  private static let aboutBlobs: [Lie] = [
    .swappedBlobs, .exchangedBlobs, .cutBlobs, .lengthenedBlobs, .reorderedChunks, .repeatedChunk,
  ]

  @Test(arguments: aboutBlobs + [.swappedWraps, .exchangedWraps])
  func aLieAboutFiles(lie: Lie) throws {
    let contents = try files()
    let tablet = try practice.atTheProgram(practice.world.tablet)
    practice.liar.tell(lie, to: practice.world.tablet, about: practice.casework)
    let isAboutBlobs = Self.aboutBlobs.contains(lie)
    try tablet.syncsAndAccuses(
      isAboutBlobs
        ? "the server's copy of a file is not what its name says"
        : "a wrap is not what its name says")
    #expect(try tablet.evidence().contains(isAboutBlobs ? "swapped blob" : "swapped wrap"))
    // Not a byte of what was altered is shown.
    let shown = try tablet.run(typed: ["vault", "cat", "long.txt"])
    #expect(shown.exit != 0 && shown.out.isEmpty, "\(shown.exit) \(shown.err)")
    #expect(shown.err.contains("hint: run `satchel sync`"))
    practice.world.tablet.network.reset()
    try tablet.does("sync")
    for (name, text) in contents { #expect(try tablet.does("vault", "cat", name) == text) }
  }

  /// Somebody is taken out, and the key that comes after is exchanged for another one.
  @Test(arguments: [Lie.swappedWraps, .exchangedWraps])
  func aSubstitutedEpochWrap(lie: Lie) throws {
    let (client, reader) = (practice.world.client, practice.world.practitioner)
    let practitioner = try practice.atTheProgram(reader)
    practice.liar.tell(lie, to: reader, about: practice.casework)
    try client.replica.revokeDevice(
      practice.world.tablet.replica.identity.device, client.network)
    try client.sync()
    try practitioner.syncsAndAccuses("a wrap is not what its name says")
    #expect(try practitioner.evidence().contains("swapped wrap"))
    reader.network.reset()
    try practitioner.does("sync")
    #expect(try practitioner.does("status").contains("key debt      none"))
  }

  /// A client wraps an engagement's next key for somebody else than the practitioner it names.
  @Test func anEpochWrapOfAnotherKey() throws {
    let (client, reader) = (practice.world.client, practice.world.practitioner)
    let (own, other) = (client.account, reader.account)
    let key = try client.replica.ownChain().accountKey
    let ids = try [own, other].map { try #require(Bytes32($0.bytes)) }
    let (epoch, wraps) = try client.replica.makeEpoch(
      in: practice.engagement, previous: client.replica.usableEpoch(of: practice.engagement),
      generation: 1,
      recipients: ids.map { EpochRecipient(id: $0, key: key, generation: 0) })
    let verdicts = try client.replica.push(
      [epoch], wraps: wraps, in: practice.engagement, client.session(practice))
    #expect(verdicts.count == 1)
    let ticket = try reader.makeTicket(in: practice.casework)
    let practitioner = try practice.atTheProgram(reader)
    try practitioner.syncsAndAccuses("a space's key is not the one that was committed to")
    #expect(try practitioner.evidence().contains("epoch wrap"))
    // The casework goes on.
    try client.sync()
    let isSent = try client.holds("ticket", ticket, in: practice.casework)
    #expect(isSent)
  }

  /// A member lets somebody into a team and gives them another key than the team's.
  @Test func aTeamKeyThatIsNotTheTeams() throws {
    let (world, admin, member) = (practice.world, practice.world.admin, practice.world.practitioner)
    let second = try world.joinSecond()
    let chain = ChainReference.team(world.facts.team)
    try admin.replica.propose(second.account, for: world.facts.team, admin.network)
    try second.sync()
    try member.sync()
    let session = try member.session(practice)
    try member.replica.fetchChain(chain, session)
    let wrap = try member.replica.wrap(
      ExchangeKey(random: SeededRandom(seed: 41)), for: second.replica.ownChain().accountKey)
    let admission = try member.signed(
      .teamAdmission(
        TeamAdmission(
          account: second.account, accountHead: second.replica.ownChain().head,
          wrap: Hasher256.content(wrap))), next: chain,
      after: try #require(try member.replica.chains.statements(chain).last))
    _ = try session.call(
      Path.chainAppend, ChainAppendRequest(chain: chain, statement: admission, wraps: [wrap]),
      SignedChainHead.self)
    let person = try practice.atTheProgram(second)
    try person.syncsAndAccuses("a team's key is not the one on its chain")
    #expect(try person.evidence().contains("team key"))
    // What does not need it goes on.
    try person.does("people")
  }
}

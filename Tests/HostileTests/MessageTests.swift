import CommandSupport
import Merge
import Signing
import Simulation
import SpaceStore
import SyncProtocol
import Testing

@testable import Replica

/// Messages where others belong, and suites that there are not.
@Suite struct MessageTests {
  private let practice: Practice
  private var client: Party { practice.world.client }

  init() throws { practice = try Practice() }

  /// One of each message that a device sends, as it was sent.
  private func messages() throws -> [Request] {
    let world = practice.world
    let path = try practice.stage.file("letter.txt", "words")
    #expect(try client.replica.addToVault([path]).problems.isEmpty)
    _ = try world.joinSecond()
    let phone = try world.enrolPhone()
    try client.makeTicket(in: practice.casework)
    try client.replica.share(
      "letter.txt", with: world.practitioner.account, untilMilliseconds: nil, permissions: [])
    try world.settle()
    try client.replica.decide("revoked", on: client.replica.assignment(with: nil))
    try world.settle()
    try client.replica.revokeDevice(phone.replica.identity.device, client.network)
    try phone.sync()
    var byPath: [String: Request] = [:]
    for name in world.parties.keys.sorted() {
      for request in world[name].network.requests where !request.body.isEmpty {
        let isBlob = request.method == .put
        // The name of a blob that is not there.
        let path =
          isBlob ? Path.blob(space: client.replica.vault.hex, hash: Digest.zero.hex) : request.path
        byPath[path] = Request(request.method, path, body: request.body)
      }
    }
    return byPath.keys.sorted().compactMap { byPath[$0] }
  }

  /// Messages of one form: the space, and hashes.
  private static let alike: Set<Set<String>> = [
    [Path.wrapsFetch, Path.blobsMissing], [Path.wraps, Path.blobsMissing],
    [Path.wraps, Path.wrapsFetch],
  ]
  /// These take no message at all.
  private static let silent = [Path.invitationList, Path.enrolmentList]

  private func entryCount() throws -> Int64? {
    try practice.world.withServerStore { store in
      try store.database.first("SELECT COUNT(*) FROM log") { $0.integer(0) }
    }
  }

  @Test func everyMessageAtEveryEndpoint() throws {
    let messages = try messages()
    #expect(messages.count >= 15, "\(messages.map(\.path))")
    try practice.world.settle(["client"])
    let before = try entryCount()
    let transport = try practice.transport(client)
    let session = try client.session(practice)
    _ = try session.call(Path.feed, FeedRequest(after: 0), FeedResponse.self)
    let bearer = try #require(client.network.requests.last?.token)
    var taken: [String] = []
    for place in messages where !Self.silent.contains(place.path) {
      for message in messages where message.path != place.path {
        let answer = try transport.send(
          Request(place.method, place.path, token: bearer, body: message.body))
        switch answer {
        case .success where Self.alike.contains([place.path, message.path]): break
        case .success: taken.append("\(message.path) at \(place.path)")
        case .failure(let code): if code == .serverFault { taken.append("fault at \(place.path)") }
        }
      }
    }
    #expect(taken == [])
    let after = try entryCount()
    #expect(after == before)
  }

  /// The answer to another question, at every place where a device waits for one.
  @Test func answersToOtherQuestions() throws {
    let scene = try Scene(practice)
    let person = try practice.atTheProgram(scene.tablet)
    practice.liar.tell(.crossedAnswers, to: scene.tablet, about: practice.casework)
    let outcome = try person.run(typed: ["sync"])
    #expect(outcome.exit == 5, "\(outcome.transcript)")
    #expect(outcome.err.contains("error: "))
    #expect(try person.evidence().contains("answer to /v1/"))
    try scene.expectHealed()
  }

  /// Half an answer.
  @Test func bytesWithoutASense() throws {
    let scene = try Scene(practice)
    let person = try practice.atTheProgram(scene.tablet)
    practice.liar.tell(.unreadable, to: scene.tablet, about: practice.casework)
    try person.syncsAndAccuses("the server's answer cannot be read")
    #expect(try person.evidence().contains("answer to /v1/pull"))
    try scene.expectUntouched()
    try scene.expectHealed()
  }

  /// A statement of a suite that nobody knows, well signed by its author.
  @Test func aStatementOfAnUnknownSuite() throws {
    let world = practice.world
    _ = try world.joinSecond()
    let chain = ChainReference.organisation(world.facts.organisation)
    let last = try #require(try world.admin.replica.chains.statements(chain).last)
    // The first item of a statement's eight is its suite.
    var payload = last.payload
    #expect(Array(payload.prefix(2)) == [0x88, 0x01])
    payload[1] = 0x02
    let signature = try world.admin.replica.unlockedKeys().identity().sign(payload, .statement)
    let reader = world.practitioner
    reader.network.alter = { request, response in
      guard request.path == Path.chains, case .success(var bytes) = response,
        let place = bytes.firstRange(of: last.payload),
        let signed = bytes.firstRange(of: last.signature.bytes)
      else { return response }
      bytes.replaceSubrange(place, with: payload)
      bytes.replaceSubrange(signed, with: signature.bytes)
      return .success(bytes)
    }
    let person = try practice.atTheProgram(reader)
    try person.syncsAndAccuses("the server's answer cannot be read")
    #expect(try person.evidence().contains("answer to /v1/chains"))
    reader.network.reset()
    try person.does("sync")
  }
}

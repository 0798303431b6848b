import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct FeedTests {
  let clinic: Clinic
  var world: World { clinic.world }

  init() throws { clinic = try Clinic() }

  private func feed(_ device: TestDevice, after: UInt64 = 0) throws -> FeedResponse {
    try device.call(Path.feed, FeedRequest(after: after))
  }

  @Test func listsEachSpaceThatMovedOnce() throws {
    #expect(try feed(clinic.client).moved.isEmpty)
    let vault = try clinic.openVault(clinic.client)
    let engagement = try clinic.engage()
    let first = try feed(clinic.client)
    #expect(
      first.moved.map(\.space) == [vault.space, engagement.assignment.space, engagement.space])
    #expect(first.moved.map(\.kind) == [.vault, .assignment, .engagement])
    #expect(first.moved.last?.last == (try world.position(engagement.space)))
    try clinic.client.write(vault.space, [clinic.newFolder(vault)])
    let second = try feed(clinic.client, after: first.position)
    #expect(second.moved.map(\.space) == [vault.space])
    #expect(second.moved[0].last == (try world.position(vault.space)))
    #expect(try feed(clinic.client, after: second.position).moved.isEmpty)
    // Nobody hears of spaces that are not theirs.
    let spaces = try feed(clinic.practitioner).moved.map(\.space)
    #expect(spaces == [engagement.assignment.space, engagement.space])
    #expect(try feed(clinic.admin).moved.map(\.space) == [engagement.assignment.space])
  }

  @Test func costsLittleWhereNothingMoved() throws {
    _ = try clinic.engage()
    let position = try feed(clinic.client).position
    let body = try clinic.client.post(Path.feed, FeedRequest(after: position))
    #expect(body.count <= 400)
  }

  @Test func doesNotMoveWithWhatTheReaderCannotRead() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    let end = clinic.client.sign(.engagementEnd, .space(engagement.space), index: 1)
    _ = try clinic.client.push(engagement.space, [.statement(end)])
    let ended = try #require(try world.state(engagement.space).ended)
    let before = try feed(clinic.practitioner)
    #expect(before.moved.last?.last == ended)
    try clinic.practitioner.write(engagement.space, [clinic.note(engagement, on: share)])
    #expect(try feed(clinic.practitioner, after: before.position).moved.isEmpty)
    #expect(try feed(clinic.client, after: 0).moved.last?.last != ended)
  }

  @Test func answersHostilePositions() throws {
    #expect(try feed(clinic.client, after: UInt64(Int64.max)).moved.isEmpty)
    let vault = try clinic.openVault(clinic.client)
    let pull = { (incarnation: UInt64, after: UInt64) in
      try clinic.client.post(
        Path.pull,
        PullRequest(
          space: vault.space, incarnation: incarnation, after: Position(after), byteCountMax: 0))
    }
    #expect(throws: ErrorCode.notFound) { try pull(1, 0) }
    #expect(throws: ErrorCode.notFound) { try pull(0, Position.countMax - 1) }
    let page = try LogPage(decoding: pull(0, 0))
    #expect(page.entries.count == 1)
    let journal = JournalRequest(
      space: vault.space, replica: clinic.client.replica, sequence: Position.countMax - 1)
    let answer = try clinic.client.call(Path.journal, journal, JournalResponse.self)
    #expect(answer.point == .start)
  }

  @Test func readsOnlyTheOwnSpaces() throws {
    let vault = try clinic.openVault(clinic.client)
    let pull = PullRequest(
      space: vault.space, incarnation: 0, after: .zero, byteCountMax: 1000)
    #expect(throws: ErrorCode.notAllowed) { try clinic.admin.post(Path.pull, pull) }
    let journal = JournalRequest(
      space: vault.space, replica: clinic.client.replica, sequence: 1)
    #expect(throws: ErrorCode.notAllowed) { try clinic.admin.post(Path.journal, journal) }
    let unknown = PullRequest(
      space: clinic.newSpace(), incarnation: 0, after: .zero, byteCountMax: 1000)
    #expect(throws: ErrorCode.notFound) { try clinic.client.post(Path.pull, unknown) }
  }

  @Test func answersAtTheHeadWithAnEmptyPage() throws {
    let vault = try clinic.openVault(clinic.client)
    let head = try world.position(vault.space)
    let page = try clinic.client.call(
      Path.pull,
      PullRequest(space: vault.space, incarnation: 0, after: head, byteCountMax: 1000),
      LogPage.self)
    #expect(page.entries.isEmpty)
    #expect(page.head.head.position == head)
    #expect(page.head.isSigned(by: world.server.certificate.log))
  }
}

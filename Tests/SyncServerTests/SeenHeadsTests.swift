import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

/// What an author says to have seen is compared before anything of theirs is taken in.
@Suite struct SeenHeadsTests {
  private let clinic: Clinic
  private let client: TestDevice
  private let vault: Clinic.Vault
  private var world: World { clinic.world }

  init() throws {
    clinic = try Clinic()
    client = clinic.client
    vault = try clinic.openVault(client)
  }

  private func head(at position: Position) throws -> Digest {
    try world.server.inspect { core in
      let number = try core.store.number(of: client.vault)
      return try #require(try core.store.log.headHash(space: number, at: position))
    }
  }

  /// Pushes a commit whose signature says that this was seen.
  private func push(_ seen: SeenHeads) throws -> PushVerdict? {
    let segment = try client.segment(client.vault, [[clinic.newFolder(vault)]])
    let point = try #require(segment.points(in: client.vault).last)
    let signed = JournalSegment(
      replica: segment.replica, after: segment.after, commits: segment.commits,
      signature: JournalSignature(
        space: client.vault, replica: segment.replica, point: point, seen: seen,
        key: client.identity))
    return try client.push(client.vault, [.segment(signed)]).first
  }

  private func seen(
    _ position: Position, _ head: Digest, account: ChainPoint? = nil, incarnation: UInt64 = 0
  ) throws -> SeenHeads {
    SeenHeads(
      account: try account ?? world.head(.account(client.account)), incarnation: incarnation,
      position: position, head: head, schema: .zero)
  }

  private func isAccepted(_ verdict: PushVerdict?) -> Bool {
    if case .accepted = verdict { true } else { false }
  }

  @Test func takesWhatIsTrue() throws {
    let last = try world.position(client.vault)
    let verdict = try push(seen(last, head(at: last)))
    #expect(isAccepted(verdict))
  }

  @Test func refusesAnotherHistory() throws {
    let last = try world.position(client.vault)
    let earlier = try head(at: Position(last.rawValue - 1))
    for (position, head) in [(last, earlier), (Position(1), earlier), (.zero, earlier)] {
      let seen = try seen(position, head)
      client.journals[client.vault] = nil
      #expect(throws: ErrorCode.historyForked) { try push(seen) }
    }
    let position = try world.position(client.vault)
    #expect(position == last)
  }

  @Test func refusesAnotherAccountChain() throws {
    let last = try world.position(client.vault)
    let seen = try seen(
      last, head(at: last), account: ChainPoint(index: 0, hash: Hasher256.content([1])))
    #expect(throws: ErrorCode.historyForked) { try push(seen) }
  }

  /// Another incarnation's places are not its own.
  @Test func takesWhatItCannotCompare() throws {
    let last = try world.position(client.vault)
    let verdict = try push(seen(last, Hasher256.content([2]), incarnation: 7))
    #expect(isAccepted(verdict))
  }

  /// Nobody can tell yet whether it is true.
  @Test func doesNotTakeWhatIsNotThereYet() throws {
    let last = try world.position(client.vault)
    let verdict = try push(seen(last.next, Hasher256.content([2])))
    #expect(verdict == .deferred(.gap))
    let position = try world.position(client.vault)
    #expect(position == last)
  }
}

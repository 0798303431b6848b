import Foundation
import Merge
import SyncProtocol
import Testing

@testable import SyncServer

/// Pushes that come at the same time share a transaction.
@Suite struct GroupedPushTests {
  let clinic: Clinic
  var world: World { clinic.world }

  init() throws { clinic = try Clinic() }

  private func entry(_ device: TestDevice, _ space: SpaceID, _ items: [PushItem]) throws
    -> PushQueue.Entry
  {
    PushQueue.Entry(
      token: device.token,
      push: PreparedPush(
        PushRequest(space: space, items: items), key: device.identity.publicKey))
  }

  private func verdicts(_ entry: PushQueue.Entry) throws -> [PushVerdict] {
    try PushResponse(decoding: #require(try entry.result?.get())).verdicts
  }

  private func newFolder(_ vault: Clinic.Vault, _ device: TestDevice) throws -> PushItem {
    .segment(try device.segment(vault.space, [[clinic.newFolder(vault)]]))
  }

  @Test func oneTransactionTakesAll() throws {
    let vaults = [try clinic.openVault(clinic.client), try clinic.openVault(clinic.practitioner)]
    let devices = [clinic.client, clinic.practitioner]
    let group = try zip(vaults, devices).map { vault, device in
      try entry(device, vault.space, [newFolder(vault, device)])
    }
    let commits = Guarded(0)
    world.server.onTransactionBoundary { event in
      if event == .didCommit { commits.withLock { $0 += 1 } }
    }
    world.server.inspect { $0.push(together: group) }
    world.server.onTransactionBoundary(nil)
    #expect(commits.withLock { $0 } == 1)
    for (vault, entry) in zip(vaults, group) {
      #expect(try verdicts(entry) == [.accepted(try world.position(vault.space))])
    }
  }

  @Test func whatIsWrongWithOneDoesNotHarmTheOthers() throws {
    let vault = try clinic.openVault(clinic.client)
    let first = try entry(clinic.client, vault.space, [newFolder(vault, clinic.client)])
    let stranger = try entry(
      clinic.practitioner, vault.space, [newFolder(vault, clinic.practitioner)])
    let last = try entry(clinic.client, vault.space, [newFolder(vault, clinic.client)])
    let before = try world.position(vault.space)
    world.server.inspect { $0.push(together: [first, stranger, last]) }
    #expect(throws: ErrorCode.notAllowed) { try verdicts(stranger) }
    #expect(try verdicts(first) == [.accepted(before.next)])
    #expect(try verdicts(last) == [.accepted(before.next.next)])
    #expect(try world.position(vault.space) == before.next.next)
  }

  @Test func aTransactionThatFailsIsTriedPushByPush() throws {
    struct Crash: Error {}
    let vault = try clinic.openVault(clinic.client)
    let group = try (0..<2).map { _ in
      try entry(clinic.client, vault.space, [newFolder(vault, clinic.client)])
    }
    let isFirst = Guarded(true)
    world.server.onTransactionBoundary { event in
      let fails = isFirst.withLock { isFirst in
        defer { isFirst = false }
        return isFirst
      }
      if event == .willCommit, fails { throw Crash() }
    }
    let before = try world.position(vault.space)
    world.server.inspect { $0.push(together: group) }
    world.server.onTransactionBoundary(nil)
    #expect(try group.map(verdicts).count == 2)
    #expect(try world.position(vault.space) == before.next.next)
  }

  @Test func aKeyThatIsNotTheDevicesVouchesForNothing() throws {
    let vault = try clinic.openVault(clinic.client)
    let segment = try clinic.practitioner.segment(vault.space, [[clinic.newFolder(vault)]])
    let forged = JournalSegment(
      replica: clinic.client.replica, after: .start, commits: segment.commits,
      signature: segment.signature)
    let entry = PushQueue.Entry(
      token: clinic.client.token,
      push: PreparedPush(
        PushRequest(space: vault.space, items: [.segment(forged)]),
        key: clinic.practitioner.identity.publicKey))
    world.server.inspect { $0.push(together: [entry]) }
    #expect(throws: ErrorCode.badSignature) { try verdicts(entry) }
  }

  /// Many threads at once: each push has its own verdict, and all stand in the logs.
  @Test func manyThreadsAtOnce() throws {
    let devices = try (0..<4).map { _ in try clinic.join(.client) }
    let vaults = try devices.map { try clinic.openVault($0) }
    let requests = try zip(vaults, devices).map { vault, device in
      try (0..<25).map { _ in
        let push = PushRequest(space: vault.space, items: [try newFolder(vault, device)])
        return Request(.post, Path.push, token: device.token, body: push.encoded)
      }
    }
    let before = try vaults.map { try world.position($0.space) }
    let server = world.server
    let accepted = Guarded(0)
    DispatchQueue.concurrentPerform(iterations: requests.count) { number in
      for request in requests[number] {
        guard case .success = server.handle(request) else { continue }
        accepted.withLock { $0 += 1 }
      }
    }
    #expect(accepted.withLock { $0 } == 100)
    for (vault, position) in zip(vaults, before) {
      #expect(try world.position(vault.space).rawValue == position.rawValue + 25)
    }
  }
}

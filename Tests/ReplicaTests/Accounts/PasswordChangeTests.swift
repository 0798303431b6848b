import Foundation
import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Another password, and logging out.
@Suite struct PasswordChangeTests {
  private static let newPassword = "quite another one"

  private func new() -> SecretBytes { SecretBytes(copying: Array(Self.newPassword.utf8)) }

  private func change(_ replica: Replica, on party: Party) throws {
    try party.withPassword { old in try replica.changePassword(from: old, to: new()) }
  }

  @Test func onlyTheNewOneOpensAllKeys() throws {
    let world = try World(opening: ["client", "practitioner"])
    let client = world.client
    let ticket = try client.makeTicket(in: world.facts.casework, title: "unsent")
    let oldParameters = try client.replica.settings.bytes(.passwordParameters)
    try change(client.replica, on: client)
    #expect(try client.replica.settings.bytes(.passwordParameters) != oldParameters)
    // Goes on working, and nothing unsent is lost.
    try client.sync()
    try world.practitioner.sync()
    let title = try world.practitioner.shownText(
      "ticket", ticket, "title", in: world.facts.casework)
    #expect(title == "unsent")
    let oldKey = client.passwordKey.withUnsafeBytes { SymmetricKey(copying: $0) }
    client.replica.lock()
    #expect(throws: ReplicaError.wrongPassword) {
      try client.replica.unlock(passwordKey: try #require(oldKey))
    }
    #expect(throws: ReplicaError.wrongPassword) {
      try client.withPassword { try client.replica.unlock(password: $0) }
    }
    try client.replica.unlock(password: new())
    let checked = try #require(try client.replica.keys?.check())
    #expect(checked.count > 5)
    #expect(checked.unreadable.isEmpty)
  }

  @Test func aWrongOldPasswordChangesNothing() throws {
    let world = try World(opening: ["client"])
    let client = world.client
    let before = try client.replica.settings.bytes(.passwordParameters)
    #expect(throws: ReplicaError.wrongPassword) {
      try client.replica.changePassword(from: new(), to: new())
    }
    #expect(try client.replica.settings.bytes(.passwordParameters) == before)
    try client.reopen()
  }

  /// The process ends at each boundary: one of the two passwords opens every key.
  @Test func itMayBeCutOffAnywhere() throws {
    let world = try World(opening: ["client"])
    let client = world.client
    client.close()
    let pristine = client.homePath + ".pristine"
    try FileManager.default.copyItem(atPath: client.homePath, toPath: pristine)
    var opened: Set<String> = []
    for number in 0... {
      try FileManager.default.removeItem(atPath: client.homePath)
      try FileManager.default.copyItem(atPath: pristine, toPath: client.homePath)
      let point = CrashPoint(number, folder: client.homePath)
      try cutOff(client, at: point)
      if point.hasCrashed { try point.restore() }
      opened.insert(try opener(client))
      if !point.hasCrashed { break }
    }
    #expect(opened == ["old", "new"])
  }

  private func cutOff(_ client: Party, at point: CrashPoint) throws {
    let replica = try Replica.open(
      Home.open(at: client.homePath), environment: client.environment)
    replica.database.onTransactionBoundary = { _ in try point.reach() }
    do {
      try change(replica, on: client)
    } catch is Crash {}
    replica.database.onTransactionBoundary = nil
  }

  private func opener(_ client: Party) throws -> String {
    let replica = try Replica.open(
      Home.open(at: client.homePath), environment: client.environment)
    var word = "new"
    do {
      try replica.unlock(password: new())
    } catch ReplicaError.wrongPassword {
      word = "old"
      try client.withPassword { try replica.unlock(password: $0) }
    }
    let checked = try #require(try replica.keys?.check())
    #expect(checked.unreadable.isEmpty)
    return word
  }

  // MARK: Logging out

  @Test func loggingOutKeepsWhatIsUnsentAndStopsTheRest() throws {
    let world = try World(opening: ["client", "practitioner"])
    let (client, practitioner) = (world.client, world.practitioner)
    let path = "\(world.folder.path)/scan.txt"
    try Data("shared".utf8).write(to: URL(filePath: path))
    _ = try client.replica.addToVault([path])
    try client.replica.share(
      "scan.txt", with: practitioner.account, untilMilliseconds: nil, permissions: [])
    try world.settle(["client", "practitioner"])
    let share = try #require(try practitioner.replica.sharesReceived().first)
    #expect(share.isHere)
    let ticket = try practitioner.makeTicket(in: world.facts.casework, title: "unsent")
    let unsentCount = try practitioner.replica.logOut()
    #expect(unsentCount == 1)
    #expect(practitioner.replica.isLocked)
    // What others have shared is gone from the disk.
    let blobs = try FileManager.default.subpathsOfDirectory(
      atPath: practitioner.homePath + "/blobs")
    #expect(blobs.filter { ($0 as NSString).lastPathComponent.count == 64 }.isEmpty)
    // Neither the right key nor a locked sync does anything.
    #expect(throws: ReplicaError.loggedOut) { try practitioner.unlock() }
    #expect(throws: ReplicaError.loggedOut) { try practitioner.sync() }
    try practitioner.withPassword { try practitioner.replica.logIn(password: $0) }
    try world.settle(["client", "practitioner"])
    let title = try client.shownText("ticket", ticket, "title", in: world.facts.casework)
    #expect(title == "unsent")
    let again = try #require(try practitioner.replica.sharesReceived().first)
    #expect(again.isHere)
    try world.expectConverged(["client", "practitioner"])
  }

  @Test func aWrongPasswordLogsNobodyIn() throws {
    let world = try World(opening: ["client"])
    let client = world.client
    try client.replica.logOut()
    #expect(throws: ReplicaError.wrongPassword) { try client.replica.logIn(password: new()) }
    #expect(try client.replica.isLoggedOut())
    #expect(try client.replica.status().isLoggedOut)
  }

  @Test func theServerEndsItsSessions() throws {
    let world = try World(opening: ["client"])
    let client = world.client
    try client.sync()
    let token = try #require(client.network.requests.last { $0.token != nil }?.token)
    let feed = Request(.post, Path.feed, token: token, body: FeedRequest(after: 0).encoded)
    guard case .success = world.server.handle(feed) else {
      Issue.record("the session has ended before")
      return
    }
    client.replica.lock()
    try client.replica.endSessions(client.network)
    #expect(world.server.handle(feed) == .failure(.sessionExpired))
  }
}

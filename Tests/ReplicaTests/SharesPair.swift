import Merge
import Simulation

@testable import Replica

/// A client and a practitioner with a consent, over a server in memory.
final class SharesPair {
  let world: VaultWorld
  let client: Replica
  let practitioner: Replica

  init(
    permissions: [Permission] = [.viewFiles, .downloadFiles, .addNotes],
    untilMilliseconds: UInt64? = nil
  ) throws {
    world = try VaultWorld()
    client = try world.join(.client, "Cleo")
    practitioner = try world.join(.practitioner, "Pia")
    try world.engage(
      practitioner, client, permissions: permissions, untilMilliseconds: untilMilliseconds)
  }

  var pia: AccountID { practitioner.identity.account }
  var engagement: SpaceID {
    get throws {
      guard let space = try client.engagement(with: pia) else {
        throw ReplicaError.notFound("engagement")
      }
      return space
    }
  }

  /// Adds a file of this name, whose content is `text`, to a folder of the vault.
  @discardableResult
  func add(
    _ name: String, _ text: String, into folder: String? = nil, by device: Replica? = nil
  ) throws -> AddReport {
    world.clock.now += 1000
    return try (device ?? client).addToVault([try world.write(name, text)], into: folder)
  }

  @discardableResult
  func share(
    _ path: String, _ permissions: [Permission] = [], until: UInt64? = nil
  ) throws -> ShareItem {
    world.clock.now += 1000
    return try client.share(
      path, with: pia, untilMilliseconds: until, permissions: permissions)
  }

  @discardableResult
  func shareStanding(
    _ path: String?, _ permissions: [Permission] = [], until: UInt64? = nil,
    grace: UInt64? = nil, by device: Replica? = nil
  ) throws -> Int {
    world.clock.now += 1000
    return try (device ?? client).shareStanding(
      path, with: pia, untilMilliseconds: until, permissions: permissions,
      graceMilliseconds: grace)
  }

  @discardableResult
  func revoke(_ path: String, by device: Replica? = nil) throws -> [ShareItem] {
    world.clock.now += 1000
    return try (device ?? client).revoke(path, from: pia)
  }

  func move(_ path: String, to destination: String, by device: Replica? = nil) throws {
    world.clock.now += 1000
    try (device ?? client).moveInVault(path, to: destination)
  }

  func sync(_ more: Replica...) throws {
    try world.sync(client)
    for replica in more { try world.sync(replica) }
    try world.sync(practitioner)
  }

  /// What the practitioner can open now, by name.
  func opened() throws -> [String] {
    try practitioner.sharesReceived().filter { $0.status == .active }.map(\.name).sorted()
  }
}

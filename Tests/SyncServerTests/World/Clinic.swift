import CBOR
import Merge
import Signing
import SyncProtocol

@testable import SyncServer

/// An organisation with an administrator, a practitioner and a client, and what they do together.
final class Clinic {
  let world: World
  let admin: TestDevice
  let organisation: OrganisationID
  let practitioner: TestDevice
  let client: TestDevice
  var time: VirtualTime { world.time }

  init(_ world: World? = nil) throws {
    let world = try world ?? World()
    self.world = world
    admin = try world.join(world.invitation)
    organisation = try Self.found(world, admin)
    practitioner = try Self.join(.practitioner, world, admin, organisation)
    client = try Self.join(.client, world, admin, organisation)
  }

  static func found(_ world: World, _ admin: TestDevice) throws -> OrganisationID {
    let creation = OrganisationCreation(
      name: "Clinic", accountHead: try world.head(.account(admin.account)))
    return OrganisationID(try admin.start(.organisationCreation(creation)).hash)
  }

  static func join(
    _ role: Role, _ world: World, _ admin: TestDevice, _ organisation: OrganisationID
  ) throws -> TestDevice {
    let device = try world.join(world.invite(role, by: admin, organisation))
    try admin.append(
      .organisationMember(
        OrganisationMember(
          account: device.account, accountHead: world.head(.account(device.account)), role: role,
          name: role == .client ? nil : "Name")),
      to: .organisation(organisation))
    return device
  }

  func join(_ role: Role) throws -> TestDevice {
    try Self.join(role, world, admin, organisation)
  }

  func newSpace() -> SpaceID { TimeOrderedID.make(SpaceID.self, time.environment) }
  func newRecord() -> RecordID { TimeOrderedID.make(RecordID.self, time.environment) }

  // MARK: Epochs

  /// The next epoch of a space, with its wraps stored.
  func epoch(
    _ space: SpaceID, by device: TestDevice, for recipients: [[UInt8]], previous: Digest? = nil
  ) throws -> SignedStatement {
    let wraps = recipients.sorted { $0.lexicographicallyPrecedes($1) }.map { _ in time.bytes(130) }
    let hashes = try device.store(wraps, for: space)
    let named = zip(recipients.compactMap { Bytes32($0) }, hashes).map {
      EpochStatement.Wrap(recipient: $0, hash: $1)
    }
    let predecessor = try previous.map { _ in try device.store([time.bytes(80)], for: space) }
    return device.sign(
      .epoch(
        EpochStatement(
          commitment: Hasher256.content(time.bytes(8)), wraps: named,
          predecessor: predecessor?.first)),
      .space(space), previous: previous)
  }

  /// A sealed value under an epoch: the server looks at no more than its hint.
  func sealed(_ epoch: SignedStatement) -> CBORValue {
    .bytes([1] + epoch.hash.bytes.prefix(8) + time.bytes(24 + 16 + 16))
  }

  // MARK: Vault

  struct Vault {
    let space: SpaceID
    let opening: SignedStatement
    let epoch: SignedStatement
  }

  func vaultStatements(_ device: TestDevice) throws -> Vault {
    let opening = SpaceOpening(
      kind: .vault, members: [try world.member(device.account, .owner)])
    return Vault(
      space: device.vault, opening: device.sign(.spaceOpening(opening), .space(device.vault)),
      epoch: try epoch(device.vault, by: device, for: [device.account.bytes]))
  }

  func openVault(_ device: TestDevice) throws -> Vault {
    let vault = try vaultStatements(device)
    _ = try device.push(vault.space, [.statement(vault.opening), .statement(vault.epoch)])
    return vault
  }

  func newFolder(_ vault: Vault) -> RecordChange {
    RecordChange(
      type: "folder", record: newRecord(), operation: .create,
      writes: [FieldWrite(key: "name", value: sealed(vault.epoch), sealed: true)])
  }

  /// A file with one version; its objects are stored first unless `storing` says no.
  func newFile(
    _ vault: Vault, by device: TestDevice, blobs: [[UInt8]], storing: Bool = true
  ) throws -> (file: RecordID, changes: [RecordChange], wrap: [UInt8]) {
    let file = newRecord()
    let wrap = time.bytes(98)
    if storing {
      for blob in blobs { try device.putBlob(blob) }
      try device.store([wrap], for: vault.space)
    }
    let version: [FieldWrite] = [
      FieldWrite(key: "file", value: .bytes(file.bytes)),
      FieldWrite(key: "blobs", value: .array(blobs.map { .bytes(Hasher256.content($0).bytes) })),
      FieldWrite(key: "length", value: .unsigned(UInt64(blobs.reduce(0) { $0 + $1.count }))),
      FieldWrite(key: "commitment", value: .bytes(time.bytes(32))),
      FieldWrite(key: "wrap", value: .bytes(Hasher256.content(wrap).bytes)),
    ]
    return (
      file,
      [
        RecordChange(
          type: "file", record: file, operation: .create,
          writes: [FieldWrite(key: "name", value: sealed(vault.epoch), sealed: true)]),
        RecordChange(type: "version", record: newRecord(), operation: .create, writes: version),
      ], wrap
    )
  }
}

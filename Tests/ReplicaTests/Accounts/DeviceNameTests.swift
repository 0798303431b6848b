import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

@Suite struct DeviceNameTests {
  private func names(_ party: Party) throws -> [DeviceID: String] {
    Dictionary(
      uniqueKeysWithValues: try party.replica.devices().compactMap { device in
        device.name.map { (device.id, $0) }
      })
  }

  @Test func theAccountsDevicesLearnOfIt() throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, tablet) = (world.client, world.tablet)
    let device = tablet.replica.identity.device
    try client.replica.renameDevice(device, to: "Tablet")
    #expect(try names(client) == [device: "Tablet"])
    try client.sync()
    try tablet.sync()
    #expect(try names(tablet) == [device: "Tablet"])
    try tablet.replica.renameDevice(device, to: "Kitchen tablet")
    try tablet.sync()
    try client.sync()
    #expect(try names(client) == [device: "Kitchen tablet"])
    #expect(try names(tablet) == [device: "Kitchen tablet"])
    client.replica.lock()
    #expect(try names(client) == [:])
  }

  /// Who is no client has a vault once there is something to keep in it.
  @Test func aPractitionersDevicesToo() throws {
    let world = try World(opening: ["practitioner"])
    let practitioner = world.practitioner
    let phone = try world.enrolPhone(of: practitioner)
    let device = phone.replica.identity.device
    try phone.sync()
    try practitioner.replica.renameDevice(device, to: "On call")
    #expect(try names(practitioner) == [device: "On call"])
    try practitioner.sync()
    try practitioner.sync()
    try phone.sync()
    #expect(try names(phone) == [device: "On call"])
    let isOwed = try practitioner.replica.hasUnwrittenEntries()
    #expect(!isOwed)
  }

  @Test func namesHaveLimits() throws {
    let world = try World(opening: ["client"])
    let client = world.client
    let own = client.replica.identity.device
    #expect(throws: ReplicaError.self) { try client.replica.renameDevice(own, to: "") }
    #expect(throws: ReplicaError.self) {
      try client.replica.renameDevice(own, to: String(repeating: "x", count: 201))
    }
    let unknown = world.makeParty("x").newRecordID()
    #expect(throws: ReplicaError.self) {
      try client.replica.renameDevice(try #require(DeviceID(unknown.bytes)), to: "Nobody's")
    }
  }

  /// The server sees neither name nor who was compared.
  @Test func theServerReadsNoName() throws {
    let world = try World(opening: ["client"])
    let client = world.client
    try client.replica.renameDevice(client.replica.identity.device, to: "canary-name")
    try client.sync()
    let sent = client.network.requests.flatMap(\.body)
    #expect(!Array("canary-name".utf8).isIn(sent))
  }
}

extension [UInt8] {
  fileprivate func isIn(_ bytes: [UInt8]) -> Bool {
    bytes.indices.dropLast(count - 1).contains { bytes[$0..<($0 + count)].elementsEqual(self) }
  }
}

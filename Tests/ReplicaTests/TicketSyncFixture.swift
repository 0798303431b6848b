import Foundation
import Merge
import Signing
import Simulation
import SyncProtocol
import SyncServer
import Synchronization

@testable import Replica

/// A server in this process that can be away.
final class LocalTransport: Transport {
  private let server: SyncServer
  private let isAway = Mutex(false)

  init(_ server: SyncServer) { self.server = server }

  func setAway(_ away: Bool) { isAway.withLock { $0 = away } }

  func send(_ request: Request) throws(TransportError) -> Response {
    if isAway.withLock({ $0 }) { throw .notReachable("the server is away") }
    return server.handle(request)
  }
}

/// An admin, a practitioner in a team, and a client with two devices, all through the real protocol.
final class SyncedCasework {
  let clock = TurnedClock()
  let transport: LocalTransport
  let admin: Replica
  let practitioner: Replica
  let laptop: Replica
  let phone: Replica

  private let folder: URL
  private static let url = "http://localhost"

  init() throws {
    let clock = clock
    let environment = Environment(nowMilliseconds: { clock.milliseconds }, random: SystemRandom())
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "satchel-synced-\(UUID().uuidString)")
    self.folder = folder
    let (server, first) = try SyncServer.inMemory(environment: environment)
    let transport = LocalTransport(server)
    self.transport = transport
    func register(_ name: String, _ invitation: Invitation) throws -> Replica {
      try Replica.register(
        home: Home.create(at: folder.path + "/" + name), password: Self.password(),
        invitation: invitation, name: name, url: Self.url, transport: transport,
        environment: environment)
    }
    admin = try register("admin", first)
    _ = try admin.foundOrganisation(name: "Practice", transport)
    let team = try admin.createTeam(name: "Skin", transport)
    practitioner = try register(
      "practitioner", admin.invite(role: .practitioner, name: "Paul", transport))
    laptop = try register("laptop", admin.invite(role: .client, name: "Carla", transport))
    _ = try admin.sync(transport)
    try admin.propose(practitioner.identity.account, for: team, transport)
    _ = try practitioner.sync(transport)
    try practitioner.startTeam(team, transport)
    _ = try admin.openCasework(client: laptop.identity.account, team: team, transport)
    let home = try Home.create(at: folder.path + "/phone")
    _ = try Replica.enrol(
      home: home, password: Self.password(), enrolment: laptop.offerEnrolment(), url: Self.url,
      transport: transport, environment: environment)
    for candidate in try laptop.candidates(transport) { try laptop.approve(candidate, transport) }
    let joined = try Replica.finishEnrolment(
      home: home, password: Self.password(), transport: transport, environment: environment)
    guard let joined else { throw Casework.Unexpected("not approved") }
    phone = joined
    try syncAll()
  }

  deinit {
    do {
      try FileManager.default.removeItem(at: folder)
    } catch {
      print("notice: \(folder.path) was not removed: \(error)")
    }
  }

  private static func password() -> SecretBytes {
    SecretBytes(copying: Array("a long enough password".utf8))
  }

  var devices: [Replica] { [laptop, phone, practitioner] }

  func syncAll(_ order: [Replica]? = nil) throws {
    for _ in 0..<2 { for device in order ?? devices { _ = try device.sync(transport) } }
  }
}

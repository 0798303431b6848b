import Foundation
import Merge
import Signing
import Simulation
import SyncProtocol
import SyncServer
import Synchronization

@testable import Replica

/// A clock that tests move.
final class VaultClock: Sendable {
  private let milliseconds = Atomic<UInt64>(1_800_000_000_000)

  var now: UInt64 {
    get { milliseconds.load(ordering: .relaxed) }
    set { milliseconds.store(newValue, ordering: .relaxed) }
  }
}

/// Carries requests to a server in the same process; can be cut, and can lose its way.
final class VaultTransport: Transport {
  private let server: SyncServer
  var isCut = false
  /// Requests that still get through before the line is cut; `nil`: all.
  var requestsLeft: Int?
  private(set) var paths: [String] = []
  /// Changes answers on their way.
  var tamper: (SyncProtocol.Request, Response) -> Response = { $1 }

  init(_ server: SyncServer) { self.server = server }

  func send(_ request: SyncProtocol.Request) throws(TransportError) -> Response {
    if let left = requestsLeft {
      if left == 0 { throw .notReachable("cut") }
      requestsLeft = left - 1
    }
    if isCut { throw .notReachable("cut") }
    paths.append(request.path)
    return tamper(request, server.handle(request))
  }

  func forgetPaths() { paths = [] }
}

/// A server in memory, and homes on a real disk.
final class VaultWorld {
  let folder: String
  let clock = VaultClock()
  let server: SyncServer
  let transport: VaultTransport
  private(set) var admin: Replica
  private var homeCount = 0

  static let password = "correct horse"

  init() throws {
    folder = NSTemporaryDirectory() + "satchel-vault-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    let clock = clock
    let environment = Environment(nowMilliseconds: { clock.now }, random: SystemRandom())
    let (server, invitation) = try SyncServer.inMemory(environment: environment)
    self.server = server
    transport = VaultTransport(server)
    admin = try Self.register(
      folder + "/admin", invitation, "Ada Admin", transport, environment)
    _ = try admin.foundOrganisation(name: "Clinic", transport)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: folder) } catch {}
  }

  var environment: Environment {
    let clock = clock
    return Environment(nowMilliseconds: { clock.now }, random: SystemRandom())
  }

  static func register(
    _ path: String, _ invitation: Invitation, _ name: String, _ transport: VaultTransport,
    _ environment: Environment
  ) throws -> Replica {
    try Replica.register(
      home: Home.create(at: path), password: SecretBytes(copying: Array(password.utf8)),
      invitation: invitation, name: name, url: "http://test", transport: transport,
      environment: environment)
  }

  /// A new account; a client's vault is open when this returns.
  func join(_ role: Role, _ name: String) throws -> Replica {
    let invitation = try admin.invite(role: role, name: name, transport)
    homeCount += 1
    let replica = try Self.register(
      "\(folder)/home-\(homeCount)", invitation, name, transport, environment)
    _ = try admin.sync(transport)
    _ = try replica.sync(transport)
    return replica
  }

  /// A further device of an account.
  func device(of replica: Replica) throws -> Replica {
    let enrolment = try replica.offerEnrolment()
    homeCount += 1
    let home = try Home.create(at: "\(folder)/home-\(homeCount)")
    let password = SecretBytes(copying: Array(Self.password.utf8))
    _ = try Replica.enrol(
      home: home, password: password, enrolment: enrolment, url: "http://test",
      transport: transport, environment: environment)
    for candidate in try replica.candidates(transport) {
      try replica.approve(candidate, transport)
    }
    guard
      let joined = try Replica.finishEnrolment(
        home: home, password: password, transport: transport, environment: environment)
    else { throw ReplicaError.notReady("not approved") }
    _ = try joined.sync(transport)
    return joined
  }

  /// Assigns, and lets both sides say yes; the engagement is open when this returns.
  func engage(
    _ practitioner: Replica, _ client: Replica,
    permissions: [Permission] = [.viewFiles, .downloadFiles, .addNotes],
    untilMilliseconds: UInt64? = nil
  ) throws {
    _ = try admin.assign(
      practitioner: practitioner.identity.account, client: client.identity.account,
      terms: ConsentTerms(permissions: permissions, untilMilliseconds: untilMilliseconds),
      transport)
    for replica in [practitioner, client] {
      try sync(replica)
      let word = replica === client ? "approved" : "accepted"
      try replica.decide(word, on: replica.assignment(with: nil))
    }
    try sync(practitioner, client, practitioner, client, practitioner)
  }

  func sync(_ replicas: Replica...) throws {
    for replica in replicas {
      let report = try replica.sync(transport)
      if !report.problems.isEmpty {
        throw ReplicaError.badInput(report.problems.joined(separator: "; "))
      }
    }
  }

  /// A home that no replica of this process holds any more, opened and unlocked.
  func open(_ path: String) throws -> Replica {
    let opened = try Replica.open(Home.open(at: path), environment: environment)
    try opened.unlock(password: SecretBytes(copying: Array(Self.password.utf8)))
    return opened
  }

  // MARK: Files on the disk

  var disk: String { folder + "/disk" }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = disk + "/" + name
    let url = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return path
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }

  func bytes(_ path: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// Bytes that are the same in every run; no two blocks of 64 KiB are alike.
  static func content(_ byteCount: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    let blockByteCount = 64 << 10
    var block = (0..<blockByteCount / 8).flatMap { _ in
      withUnsafeBytes(of: generator.next()) { [UInt8]($0) }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount + blockByteCount)
    while bytes.count < byteCount {
      let number = withUnsafeBytes(of: UInt64(bytes.count)) { [UInt8]($0) }
      block.replaceSubrange(0..<8, with: number)
      bytes += block
    }
    return Array(bytes.prefix(byteCount))
  }
}

extension Replica {
  /// A whole file of the vault.
  func content(_ path: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try readFromVault(path) { bytes += $0 }
    return bytes
  }

  func content(shared name: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try readShared(share(named: name)) { bytes += $0 }
    return bytes
  }

  /// Every path of the vault, folders with a slash at their end.
  func paths() throws -> [String] {
    try vaultListing(recursive: true).map { $0.kind == .folder ? $0.path + "/" : $0.path }
  }
}

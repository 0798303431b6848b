import CBOR
import Database
import Foundation
import Merge
import Schemas
import Sealing
import Signing
import Simulation
import SpaceStore
import SyncProtocol
import Synchronization

@testable import Replica

/// A clock that a test turns.
final class TurnedClock: Sendable {
  private let now = Mutex(UInt64(1_780_000_000_000))

  var milliseconds: UInt64 { now.withLock { $0 } }

  func advance(minutes: UInt64) { now.withLock { $0 += minutes * 60_000 } }
}

/// A client with two devices and a practitioner with one, in a casework space with a team, and its log.
///
/// Judges and orders commits as a server does, without sessions and signatures: for what devices show
/// of one log.
final class Casework {
  let clock = TurnedClock()
  let laptop: Replica
  let phone: Replica
  let practitioner: Replica
  let client = Casework.account(1)
  let staff = Casework.account(2)
  let space: SpaceID
  let team: TeamID
  let epochKey: SymmetricKey

  private let folder: URL
  private let certificate: ServerCertificate
  private let server: SpaceStore
  private var log: [SpaceID: [(entry: LogEntry, fact: LogFact, point: JournalPoint?)]] = [:]

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "satchel-casework-\(UUID().uuidString)")
    let identity = SigningKey(random: SystemRandom())
    let logKey = SigningKey(random: SystemRandom())
    certificate = ServerCertificate(
      identity: identity, log: logKey.publicKey, checkpoint: logKey.publicKey)
    let database = try SQLiteDatabase.inMemory()
    let statements =
      SpaceStore.createStatements(BuiltInSchema.schema) + SpaceStore.recoveryStatements
    for statement in statements {
      try database.execute(statement)
    }
    server = SpaceStore(
      database: database, schema: BuiltInSchema.schema, server: certificate.device,
      keepsHeads: true)
    let clock = clock
    let environment = Environment(nowMilliseconds: { clock.milliseconds }, random: SystemRandom())
    space = TimeOrderedID.make(SpaceID.self, environment)
    team = TeamID(Digest.of(3))
    epochKey = SymmetricKey(random: SystemRandom())
    let make = { [folder, certificate] (name: String, account: AccountID, role: Role) in
      try Casework.device(
        folder.path + "/" + name, account, role, certificate, environment)
    }
    laptop = try make("laptop", client, .client)
    phone = try make("phone", client, .client)
    practitioner = try make("practitioner", staff, .practitioner)
    try open(space, .casework, members: [LogFact.Member(account: client, role: .contact)])
  }

  deinit {
    do {
      try FileManager.default.removeItem(at: folder)
    } catch {
      print("notice: \(folder.path) was not removed: \(error)")
    }
  }

  static func account(_ number: UInt8) -> AccountID { AccountID(Digest.of(number)) }

  var devices: [Replica] { [laptop, phone, practitioner] }

  func path(_ name: String) -> String { folder.path + "/" + name }

  // MARK: Setting up

  private static func device(
    _ path: String, _ account: AccountID, _ role: Role, _ certificate: ServerCertificate,
    _ environment: Environment
  ) throws -> Replica {
    let home = try Home.create(at: path)
    let device = NewDevice(environment)
    let settings = Settings(database: try Replica.openDatabase(home))
    try settings.set(.account, account.bytes)
    try settings.set(.replica, device.replica.bytes)
    try settings.set(.role, text: role.rawValue)
    try settings.set(.certificate, certificate.encoded)
    try settings.set(.serverURL, text: "http://127.0.0.1:1")
    let replica = try Replica.open(home, environment: environment)
    let keys = KeyRing(
      database: replica.database, passwordKey: SymmetricKey(random: environment.random),
      random: environment.random)
    try keys.store(device.identity, as: .identity)
    try keys.store(SymmetricKey(random: environment.random), as: .local)
    replica.keys = keys
    return replica
  }

  /// Opens a space with everybody who is in it, and its first epoch.
  private func open(_ space: SpaceID, _ kind: SpaceKind, members: [LogFact.Member]) throws {
    let admin = Casework.account(9)
    let adminDevice = DeviceID(SigningKey(random: SystemRandom()).publicKey)
    let organisation = OrganisationID(Digest.of(8))
    try state(.adminNamed(admin, organisation), in: space)
    try state(.deviceCertified(adminDevice, admin), in: space)
    for device in devices {
      try state(.deviceCertified(device.identity.device, device.identity.account), in: space)
    }
    try state(.memberJoined(staff, .staff, team), in: space)
    try state(
      .opened(LogFact.Opening(kind: kind, author: adminDevice, members: members, teams: [team])),
      in: space)
    let epoch = EpochID(Digest.of(4))
    let recipients = try server.state(space).epochRecipients
    try state(
      .epoch(
        LogFact.EpochProposal(
          id: epoch, previous: nil, author: practitioner.identity.device, recipients: recipients)),
      in: space)
    for device in devices where kind != .team || device === practitioner {
      try device.keys?.store(epochKey, as: .epoch(space, epoch))
      try pull(device)
    }
  }

  /// The team's own space, on the practitioner's device.
  func openTeamSpace() throws { try open(.team(team), .team, members: []) }

  /// Appends what acceptance has to know; a time mark stands for the statement.
  func state(_ fact: LogFact, in space: SpaceID? = nil) throws {
    let space = space ?? self.space
    try append(.time(clock.milliseconds), fact, point: nil, in: space)
  }

  private func append(
    _ entry: LogEntry, _ fact: LogFact, point: JournalPoint?, in space: SpaceID
  ) throws {
    try server.transaction { _ = try server.append(entry, fact, point: point, in: space) }
    log[space, default: []].append((entry, fact, point))
  }

  // MARK: Syncing

  /// Sends what a device has not sent, and gives it all that is there.
  func sync(_ device: Replica) throws {
    try push(device)
    try pull(device)
  }

  /// Until everybody has everything.
  func syncAll() throws {
    for device in devices { try sync(device) }
    for device in devices { try pull(device) }
  }

  /// The server's own clock moves the log's time.
  func mark() throws { try state(.time(milliseconds: clock.milliseconds)) }

  private func push(_ device: Replica) throws {
    for space in log.keys.sorted() where try device.store.knows(space) {
      let number = try device.store.number(of: space)
      for waiting in try device.outbox(space: number) where waiting.accepted == nil {
        try judge(waiting, of: device, in: space, number)
      }
    }
  }

  private func judge(
    _ waiting: OutboxEntry, of device: Replica, in space: SpaceID, _ number: Int64
  ) throws {
    try state(.time(milliseconds: clock.milliseconds), in: space)
    let origin = Origin(replica: device.identity.replica, sequence: waiting.sequence)
    let fact = LogFact.commit(try waiting.commit(), origin)
    let point = try server.journalPoint(space, origin.replica)
      .next(space, origin.replica, content: waiting.encoded.contentHash)
    switch try server.judge(fact, in: space) {
    case .accepted:
      try append(.commit(origin, waiting.encoded), fact, point: point, in: space)
      let position = try server.head(space).position
      try device.transaction {
        try device.noteAccepted(space: number, sequence: waiting.sequence, at: position)
      }
    case .refused(let refusal):
      try append(
        .refusal(origin, waiting.encoded.withoutSealed, refusal), .refused(origin), point: point,
        in: space)
      try device.transaction {
        try device.reject(space: number, sequence: waiting.sequence, refusal)
      }
    case .deferred(let deferral): throw Unexpected(deferral)
    }
  }

  struct Unexpected: Error {
    let what: String
    init(_ what: some Any) { self.what = "\(what)" }
  }

  func pull(_ device: Replica) throws {
    for (space, entries) in log.sorted(by: { $0.key < $1.key }) {
      let isForClient = try server.state(space).kind != .team
      guard isForClient || device === practitioner else { continue }
      try device.transaction {
        let number = try device.store.number(of: space)
        let known = Int(try device.store.head(space).position.rawValue)
        var rows: [RowKey] = []
        for (entry, fact, point) in entries.dropFirst(known) {
          rows += try device.store.append(entry, fact, point: point, in: space).covered
          if case .commit(let commit, _) = fact {
            device.clock.observe(
              commit.header.time, nowMilliseconds: clock.milliseconds)
          }
          guard let origin = entry.journalOrigin, origin.replica == device.identity.replica else {
            continue
          }
          rows += try device.settle(space: number, sequence: origin.sequence)
        }
        try device.rebuild(rows)
      }
    }
  }

  // MARK: Looking

  /// Every row of every record type and every sibling, for comparing two devices.
  static func rows(_ replica: Replica, _ table: String? = nil) throws -> [String] {
    var lines: [String] = []
    let types = table.map { [$0] } ?? BuiltInSchema.schema.types.map(\.name) + ["_sibling"]
    for type in types {
      let table = try replica.database.rows("SELECT * FROM \"\(type)\"") { row in
        // A space's number is its own in each database.
        "\(type) \(row.values.dropFirst())"
      }
      lines += table
    }
    return lines.sorted()
  }

  /// Whether any file of the home holds the text.
  func holds(_ text: String, _ name: String) throws -> Bool {
    let needle = Data(text.utf8)
    for file in try FileManager.default.subpathsOfDirectory(atPath: path(name)) {
      guard let data = FileManager.default.contents(atPath: path(name) + "/" + file) else {
        continue
      }
      if data.range(of: needle) != nil { return true }
    }
    return false
  }
}

extension Digest {
  static func of(_ number: UInt8) -> Digest {
    guard let digest = Digest([UInt8](repeating: number, count: 32)) else {
      preconditionFailure("32 bytes")
    }
    return digest
  }
}

/// What a call threw, or `nil`.
func refusal(_ body: () throws -> Void) throws -> Refusal.Code? {
  do {
    try body()
    return nil
  } catch ReplicaError.refused(let refusal) {
    return refusal.code
  }
}

import CBOR
import CommandSupport
import Database
import Foundation
import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// A client's deposit, and those who hold one half of it.
@Suite struct EmergencyTests {
  private static let reason = "The client lies unconscious in intensive care."
  private static let hour: UInt64 = 3_600_000

  private let practice: Practice
  private var client: Party { practice.world.client }
  private var opener: Party { practice.world.practitioner }
  private var name: String { String(client.account.hex.prefix(8)) }

  init() throws {
    practice = try Practice()
    let admin = practice.world.admin
    try admin.replica.nameEmergencyTeam(practice.world.facts.team, admin.network)
    try practice.world.settle()
    let path = try practice.stage.file("allergies.txt", "penicillin")
    #expect(try client.replica.addToVault([path]).problems.isEmpty)
    try client.replica.turnOnEmergencyDeposit()
    try client.sync()
    try opener.sync()
  }

  private func deposit() throws -> EmergencyDeposit {
    try #require(try opener.replica.emergencyDeposits().first)
  }

  private func open(_ person: Person, hours: Int = 2, expecting exit: Int32) throws -> Outcome {
    try person.run(
      "emergency", "open", name, "--type", "medical", "--reason", Self.reason, "--hours",
      "\(hours)", expecting: exit)
  }

  /// It has the share, the log with the box, wraps and blobs, and helps itself to all of it.
  @Test func theServerAlone() throws {
    let found = try deposit()
    let vault = client.replica.vault
    let (epoch, key) = try #require(try client.replica.usableEpoch(of: vault))
    #expect(epoch == found.epoch)
    let database = try SQLiteDatabase(path: "\(practice.world.serverDirectory)/server.db")
    let stored = try database.first(
      "SELECT bytes FROM wrap WHERE hash = ?", .blob(found.share.bytes)
    ) { $0.blob(0) }
    let share = try #require(stored?.withUnsafeBytes { SymmetricKey(copying: $0) })
    // One layer goes; below it is a box for the team.
    let inner = try found.secret.peel(found.box, share: share)
    let secret = key.withBytes { Data($0) }
    #expect(Data(inner).range(of: secret) == nil)
    #expect(throws: SealingError.authenticationFailed) {
      try found.secret.open(
        found.box, share: share, team: ExchangeKey(random: SeededRandom(seed: 3)))
    }
    let directory = practice.world.serverDirectory
    for path in try practice.folders(below: directory).sorted() {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
        !isFolder.boolValue
      else { continue }
      let bytes = try Data(contentsOf: URL(filePath: path))
      for wanted in [secret, Data("penicillin".utf8)] {
        #expect(bytes.range(of: wanted) == nil, "in \(path)")
      }
    }
  }

  /// The team's key and software of one's own get neither share nor log out of the server.
  @Test func theTeamAlone() throws {
    let found = try deposit()
    let vault = client.replica.vault
    let session = try opener.session(practice)
    let pull = PullRequest(space: vault, incarnation: 0, after: .zero, byteCountMax: 1 << 20)
    func expectNothing(_ session: Connection) throws {
      let share = try session.call(
        Path.wrapsFetch, WrapsFetchRequest(owner: .space(found.space), hashes: [found.share]),
        WrapsFetchResponse.self)
      #expect(share.wraps == [nil])
      #expect(throws: ReplicaError.server(.notAllowed)) {
        try session.send(.post, Path.pull, pull.encoded)
      }
    }
    try expectNothing(session)
    let second = try practice.world.joinTeam()
    try practice.world.settle()
    let practitioner = try practice.atTheProgram(opener)
    let refused = try practitioner.run("emergency", "files", name, expecting: 1)
    #expect(refused.err.contains("error: you have no emergency of"))
    // Opened by one, it is open to no other.
    _ = try open(practitioner, expecting: 0)
    try expectNothing(second.session(practice))
    #expect(try practitioner.does("emergency", "files", name).contains("allergies.txt"))
    // The client is told, and by whom.
    let told = try practice.atTheProgram(client).does("sync")
    #expect(told.contains("has opened your vault") && told.contains(Self.reason))
  }

  /// Server and team together open it, and would like the client not to know.
  @Test(arguments: [
    (
      Lie.refusedForOne, "the server shows different people different histories",
      "fork: seen head"
    ),
    (.keptStub, "the server accepted what it should not have", "accepted: malformed"),
    (.droppedEntry, "a page of a log does not verify (journalGap)", "page: journalGap"),
  ])
  func aHiddenOpening(lie: Lie, said: String, kept: String) throws {
    _ = try opener.replica.openEmergency(
      of: client.account, kind: "medical", reason: Self.reason, hours: 2, opener.network)
    // What is left out at the very end is no more than silence.
    for _ in 0..<2 {
      try opener.makeTicket(in: practice.casework)
      try opener.sync()
    }
    let person = try practice.atTheProgram(client)
    practice.liar.tell(lie, to: client, about: practice.casework)
    try person.syncsAndAccuses(said)
    #expect(try person.evidence().contains(kept))
    client.network.reset()
    #expect(try person.does("sync").contains("has opened your vault"))
  }

  /// The server forgets that a deposit was opened, and takes a second opening for a longer time.
  @Test func aSecondOpening() throws {
    let found = try deposit()
    let opened = try opener.replica.openEmergency(
      of: client.account, kind: "medical", reason: Self.reason, hours: 2, opener.network)
    try client.sync()
    let until = practice.world.clock.now + 20 * Self.hour
    let access = CBORValue.map(
      CBORMap([
        (.text("kind"), .text("medical")), (.text("until"), .integer(Int64(until))),
      ]))
    let store = opener.replica.store
    let key = RowKey(
      space: try store.number(of: found.space), type: EmergencyRules.deposit, record: found.id)
    let reason = try #require(
      try store.tables.shownState(key).registers["reason"]?.siblings.first?.value)
    let change = RecordChange(
      type: EmergencyRules.deposit, record: found.id, operation: .update,
      writes: [
        FieldWrite(key: "access", value: access), FieldWrite(key: "reason", value: reason),
      ])
    try practice.accept(change, by: opener, in: practice.casework, before: client)
    try opener.makeTicket(in: practice.casework)
    try opener.sync()
    let person = try practice.atTheProgram(client)
    try person.syncsAndAccuses("the server accepted what it should not have")
    #expect(try person.evidence().contains("accepted: alreadyWritten"))
    let shown = try person.does("emergency", "ls", "--json")
    let ends = try #require(opened.access?.untilMilliseconds)
    #expect(shown.contains("\(ends)") && !shown.contains("\(until)"), "\(shown)")
    // By the program, of an honest server.
    let practitioner = try practice.atTheProgram(opener)
    let refused = try open(practitioner, hours: 24, expecting: 1)
    #expect(refused.err.contains("error: this vault is open already; it is not opened for longer"))
  }

  /// Whoever runs the server, or has the opener's device, sets a clock back.
  @Test func aClockThatIsSetBack() throws {
    let practitioner = try practice.atTheProgram(opener)
    _ = try open(practitioner, expecting: 0)
    practice.world.clock.advance(milliseconds: Self.hour)
    #expect(try practitioner.does("emergency", "files", name).contains("allergies.txt"))
    practice.world.clock.turnBack(milliseconds: Self.hour / 2)
    let ended = try practitioner.run(typed: ["emergency", "files", name])
    #expect(ended.exit == 1 && !ended.out.contains("allergies.txt"), "\(ended.transcript)")
    #expect(ended.err.contains("the server does not hand out its share of the emergency key"))
    practice.world.clock.advance(milliseconds: Self.hour / 2)
    let after = try practitioner.run(typed: ["emergency", "files", name])
    #expect(after.exit == ended.exit && !after.out.contains("allergies.txt"))
    let again = try practitioner.run(
      typed: [
        "emergency", "open", name, "--type", "medical", "--reason", Self.reason, "--hours", "24",
      ])
    #expect(again.exit == 1, "\(again.transcript)")
    #expect(again.err.contains("it is not opened for longer"))
  }
}

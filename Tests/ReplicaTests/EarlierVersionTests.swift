import Database
import Foundation
import Merge
import Signing
import Simulation
import SyncProtocol
import SyncServer
import Testing

@testable import Replica

/// Databases as earlier versions wrote them, kept for ever under `Fixtures`: this version opens them,
/// keeps what they hold, and goes on.
///
/// They were made together: a ticket that two people edited at the same time, and on the client's device
/// a comment and a folder's new name that were not sent yet.
@Suite struct EarlierVersionTests {
  /// A device and its server, from their dumps.
  private final class Restored {
    let folder: TemporaryFolder
    let clock = VirtualClock(milliseconds: 1_800_000_003_059)
    let party: Party
    let server: SyncServer
    let casework: SpaceID

    /// What Argon2id made of the password.
    private static let passwordKey =
      "be6a3af0d8a451b2365ab637911f822f77d376480a88b73f2c84c56bfc1adcf8"
    private static let serverKeys =
      "840158205af84745c544212be863a73cfb0d17566bfb77d8d9cb20efe303d621dfb697f558207fce8fe54eef4ccb2"
      + "202dfc991634333f0cd07e8b2f993956d6cf05a39eb7d1b5820161e03c45f8dc366819933131bcfc38680d8e57a"
      + "5a4e78ee59676f1ef5bf0aaf"

    init(device: String, server name: String) throws {
      folder = try TemporaryFolder()
      let clock = clock
      party = Party("client", homePath: "\(folder.path)/client", clock: clock, seed: 7)
      party.passwordKey = try #require(Hex.decode(Self.passwordKey))
      for path in ["client/blobs", "client/tmp", "server/blobs"] {
        try FileManager.default.createDirectory(
          atPath: "\(folder.path)/\(path)", withIntermediateDirectories: true)
      }
      try Self.restore(device, to: "\(folder.path)/client/replica.db")
      try Self.restore(name, to: "\(folder.path)/server/server.db")
      let keys = try #require(Hex.decode(Self.serverKeys))
      try Data(keys).write(to: URL(filePath: "\(folder.path)/server/server.keys"))
      server = try SyncServer(
        directory: "\(folder.path)/server",
        environment: Environment(nowMilliseconds: { clock.now }, random: SeededRandom(seed: 8)))
      party.network.server = server
      try party.open()
      let store = party.replica.store
      let found = try store.spaceIDs().first { try store.state($0).kind == .casework }
      casework = try #require(found)
    }

    private static func restore(_ name: String, to path: String) throws {
      let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/\(name).sql")
      let database = try SQLiteDatabase(path: path)
      try database.execute(String(contentsOf: file, encoding: .utf8))
      try database.close()
    }
  }

  @Test(arguments: [("device-1", "server-2")])
  func anEarlierVersionsHomeGoesOn(device: String, server: String) throws {
    let restored = try Restored(device: device, server: server)
    let replica = restored.party.replica
    let tickets = try replica.tickets(closed: true, in: restored.casework)
    #expect(tickets.map(\.title) == [.text("the printer is still on fire")])
    #expect(tickets.map(\.severity) == ["critical"])
    #expect(try replica.conflicts().map(\.key).sorted() == ["severity", "title"])
    #expect(try restored.party.unsentCount() == 2)
    #expect(try comments(replica) == [.text("I am on my way"), .text("hurry")])
    #expect(try folders(replica) == [.text("Old letters")])

    let report = try restored.party.sync()
    #expect(report.problems.isEmpty)
    #expect(report.acceptedCount == 2)
    #expect(try restored.party.unsentCount() == 0)
    var edit = TicketEdit()
    edit.title = "the printer is out"
    edit.addedLabels = ["done"]
    _ = try replica.editTicket(tickets[0].reference, edit)
    #expect(try restored.party.sync().acceptedCount == 1)
    let after = try replica.tickets(closed: true, in: restored.casework)
    #expect(after.map(\.title) == [.text("the printer is out")])
    #expect(after.map(\.labels) == [["done", "hall"]])
    #expect(try comments(replica) == [.text("I am on my way"), .text("hurry")])
    #expect(try folders(replica) == [.text("Old letters")])
  }

  /// The same tables, whichever version the database began with: but for the order of columns.
  @Test func aMigratedDatabaseIsLikeANewOne() throws {
    let restored = try Restored(device: "device-1", server: "server-2")
    let world = try World(seed: 1, opening: ["client"])
    let migrated = try columns(restored.party.replica.database)
    #expect(try migrated == columns(world.client.replica.database))
    // Fields that came later stand last in the clocks of rows, wherever a new database has them.
    let fields = "SELECT type, field FROM _layout ORDER BY type, field"
    let known = try [restored.party.replica, world.client.replica].map { replica in
      try replica.database.rows(fields) { "\($0.text(0)) \($0.text(1))" }
    }
    #expect(known[0] == known[1])
  }

  private func columns(_ database: SQLiteDatabase) throws -> [String] {
    try database.rows(
      "SELECT m.name, c.name, c.type FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c "
        + "WHERE m.type = 'table' ORDER BY m.name, c.name"
    ) { "\($0.text(0)).\($0.text(1)) \($0.text(2))" }
  }

  private func comments(_ replica: Replica) throws -> [QueryAnswer.Value] {
    try opened("SELECT unseal(text) FROM comment ORDER BY record", replica)
  }

  private func folders(_ replica: Replica) throws -> [QueryAnswer.Value] {
    try opened("SELECT unseal(name) FROM folder ORDER BY record", replica)
  }

  private func opened(_ sql: String, _ replica: Replica) throws -> [QueryAnswer.Value] {
    try replica.query(sql).rows.map { $0[0] }
  }
}

import Database
import Foundation
import Merge
import Signing
import Simulation
import SpaceStore
import SyncServer
import Testing

/// A server's check names what is damaged, and a repair makes anew what the logs tell.
@Suite struct ServerCheckTests {
  struct Damage: Sendable, CustomTestStringConvertible {
    let name: String
    let part: CheckReport.Part
    let isRepairable: Bool
    let doIt: @Sendable (SQLiteDatabase, _ blobs: String) throws -> Void

    var testDescription: String { name }

    init(
      _ name: String, _ part: CheckReport.Part, isRepairable: Bool = true,
      doIt: @escaping @Sendable (SQLiteDatabase, String) throws -> Void
    ) {
      self.name = name
      self.part = part
      self.isRepairable = isRepairable
      self.doIt = doIt
    }

    init(_ name: String, _ part: CheckReport.Part, isRepairable: Bool = true, sql: String) {
      self.init(name, part, isRepairable: isRepairable) { database, _ in
        try database.execute(sql)
        try #require(database.changeCount > 0)
      }
    }
  }

  static let damages = [
    Damage("a row", .records, sql: "UPDATE ticket SET kind = 'other'"),
    Damage("a sibling is gone", .records, sql: "DELETE FROM _sibling"),
    Damage("a decision is gone", .records, sql: "DELETE FROM _decision"),
    Damage("a hidden record is gone", .records, sql: "DELETE FROM _hidden"),
    Damage("a state", .states, sql: "UPDATE space SET state = zeroblob(3) WHERE kind = 'casework'"),
    Damage("a head", .logEntries, sql: "UPDATE space SET head = zeroblob(32) WHERE kind = 'vault'"),
    Damage(
      "a journal's hash", .index, sql: "UPDATE log SET hash = zeroblob(32) WHERE sequence = 1"),
    Damage("where a statement stands", .index, sql: "UPDATE statement_position SET position = 1"),
    Damage("whose an epoch's wraps are", .index, sql: "DELETE FROM epoch_wrap"),
    Damage("whose a share's wraps are", .index, sql: "DELETE FROM share_wrap"),
    Damage("what spaces rest on", .index, sql: "UPDATE space_link SET assignment = NULL"),
    Damage("a feed", .index, sql: "DELETE FROM feed WHERE number = (SELECT MIN(number) FROM feed)"),
    Damage("the last number", .index, sql: "UPDATE counter SET last = 0"),
    Damage("a wrap is not kept", .wraps, sql: "UPDATE wrap SET named = 0"),
    Damage("a blob is not kept", .blobs, sql: "UPDATE blob SET named = 0"),
    Damage("a file is listed nowhere", .blobs) { _, blobs in
      let hash = String(repeating: "ab", count: 32)
      let folder = "\(blobs)/ab/ab"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let space = String(repeating: "0", count: 32)
      try Data([1]).write(to: URL(filePath: "\(folder)/\(hash).\(space)"))
    },
    Damage(
      "a head in the log", .logEntries, isRepairable: false,
      sql: "UPDATE log SET head = zeroblob(32) WHERE position = 2"),
    Damage(
      "an entry", .logEntries, isRepairable: false,
      sql: "UPDATE log SET entry = x'820401' WHERE position = 1"),
    Damage(
      "an entry is gone", .logEntries, isRepairable: false,
      sql: "DELETE FROM log WHERE position = 2"),
    Damage(
      "signatures are gone", .signatures, isRepairable: false, sql: "DELETE FROM journal_signature"),
    Damage(
      "a chain", .chains, isRepairable: false,
      sql: "UPDATE chain_statement SET place = 9 WHERE place = 1"),
    Damage("a wrap", .wraps, isRepairable: false, sql: "UPDATE wrap SET bytes = zeroblob(9)"),
    Damage("a wrap is gone", .wraps, isRepairable: false, sql: "DELETE FROM wrap"),
    Damage("a blob is gone", .blobs, isRepairable: false) { _, blobs in
      let manager = FileManager.default
      for name in try manager.contentsOfDirectory(atPath: blobs) where name != "incoming" {
        try manager.removeItem(atPath: "\(blobs)/\(name)")
      }
    },
    Damage("a blob's row is gone", .blobs, isRepairable: false, sql: "DELETE FROM blob"),
  ]

  private func check(_ world: World, repairs: Bool = false) throws -> CheckReport {
    try SyncServer.check(
      directory: world.serverDirectory, environment: world.client.environment, repairs: repairs)
  }

  @Test func aServerIsWell() throws {
    let world = try World.withCasework().world
    try world.restartServer {
      let report = try check(world)
      #expect(report.problems == [])
      let parts: [CheckReport.Part] = [
        .chains, .logEntries, .journals, .signatures, .verdicts, .states, .records, .index,
        .wraps, .blobs,
      ]
      for part in parts { #expect(report.counts[part] ?? 0 > 0, "\(part)") }
    }
  }

  /// New epochs hand on the keys before them; a repair must not take those away from anybody.
  @Test func aServerIsWellAfterARemoval() throws {
    let names = ["admin", "client", "practitioner"]
    let (world, written) = try World.withCasework()
    try world.client.replica.revokeDevice(
      world.tablet.replica.identity.device, world.client.network)
    try world.settle(names)
    try world.server.compact()
    try world.restartServer {
      let report = try check(world)
      #expect(report.problems == [])
      let repaired = try check(world, repairs: true)
      #expect(repaired.problems == [])
      #expect(repaired.repairs == [])
    }
    try world.settle(names)
    try world.expectConverged(names)
    try world.expectAccounted(written)
  }

  @Test func aRunningServerIsLeftAlone() throws {
    let world = try World(opening: ["client"])
    #expect(throws: ServerError.inUse) { try check(world) }
  }

  @Test(arguments: damages)
  func damageIsFound(damage: Damage) throws {
    let (world, written) = try World.withCasework()
    try world.restartServer {
      let database = try SQLiteDatabase(path: "\(world.serverDirectory)/server.db")
      try damage.doIt(database, "\(world.serverDirectory)/blobs")
      try database.close()
      let found = try check(world)
      #expect(found.problems.contains { $0.part == damage.part }, "\(found.problems)")
      let repaired = try check(world, repairs: true)
      #expect(repaired.problems.isEmpty == damage.isRepairable, "\(repaired.problems)")
      if damage.isRepairable { #expect(!repaired.repairs.isEmpty) }
    }
    guard damage.isRepairable else { return }
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted(written)
  }

  @Test func aFileThatIsNoDatabaseIsSaid() throws {
    let world = try World(opening: ["client"])
    try world.restartServer {
      let path = "\(world.serverDirectory)/server.db"
      let whole = try Data(contentsOf: URL(filePath: path))
      for suffix in ["-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
        try FileManager.default.removeItem(atPath: path + suffix)
      }
      try Data(repeating: 7, count: 8192).write(to: URL(filePath: path))
      #expect(try check(world).problems.map(\.part) == [.database])
      try whole.write(to: URL(filePath: path))
    }
  }
}

import CBOR
import Database
import Merge
import Schemas
import TestSupport
import Testing

@testable import SpaceStore

/// Where a consent stands is one function: what SQL says is what Swift says, whatever was decided.
@Suite struct ConsentFunctionTests {
  private let folder: TemporaryFolder
  private let database: SQLiteDatabase
  private let store: SpaceStore
  private let reader: SQLiteDatabase
  private let space: Int64
  private final class Clock { var milliseconds: UInt64 = 0 }
  private let clock = Clock()

  init() throws {
    folder = try TemporaryFolder()
    let path = folder.path + "/consents.db"
    database = try SQLiteDatabase(path: path)
    for statement in SpaceStore.allStatements {
      try database.execute(statement)
    }
    store = try SpaceStore(
      database: database, schema: BuiltInSchema.schema, server: .numbered(99), keepsHeads: true)
    space = try store.number(of: .numbered(1))
    var options = SQLiteDatabase.Options()
    options.isReadOnly = true
    reader = try SQLiteDatabase(path: path, options: options)
    let clock = clock
    try store.addConsentFunctions(to: reader) { clock.milliseconds }
  }

  /// Applies what anybody might decide, seen or not seen by the others.
  private func decide(
    _ record: RecordID, _ random: inout SplitMix64, position: inout UInt64
  ) throws -> Consent {
    var consent = Consent()
    let byInvitation = random.oneIn(3)
    var creation = [
      FieldWrite(key: "client", value: .bytes(AccountID.numbered(2).bytes)),
      FieldWrite(key: "practitioner", value: .bytes(AccountID.numbered(3).bytes)),
    ]
    if !byInvitation {
      creation.append(
        FieldWrite(
          key: Consent.organisationKey, value: .bytes([UInt8](repeating: 5, count: 32))))
    }
    var changes = [
      RecordChange(type: Consent.type, record: record, operation: .create, writes: creation)
    ]
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      changes.append(
        RecordChange(
          type: Consent.type, record: record, operation: .update, writes: [decision(&random)]))
    }
    let first = position
    for change in changes {
      let device = DeviceID.numbered(Int.random(in: 1...4, using: &random))
      let stamp = CommitStamp(
        position: Position(position + 1),
        authorship: Authorship(
          origin: Origin(replica: ReplicaID(device: device, home: 1), sequence: position),
          time: HybridTime(milliseconds: position, counter: 0)),
        seen: Position(UInt64.random(in: first...position, using: &random)))
      position += 1
      try log(stamp)
      _ = try store.tables.applyAccepted(change, stamp, space: space)
      consent.apply([change], of: stamp)
    }
    return consent
  }

  /// The log says who wrote what stands alone in its register.
  private func log(_ stamp: CommitStamp) throws {
    let replica = stamp.authorship.origin.replica
    try database.run("INSERT OR IGNORE INTO replica (id) VALUES (?)", .blob(replica.bytes))
    try database.run(
      "INSERT INTO log (space, position, replica, sequence, time, entry) "
        + "VALUES (?, ?, (SELECT number FROM replica WHERE id = ?), ?, ?, x'')",
      .integer(space), .integer(Int64(stamp.position.rawValue)), .blob(replica.bytes),
      .integer(Int64(stamp.authorship.origin.sequence)),
      .integer(Int64(bitPattern: stamp.authorship.time.rawValue)))
  }

  private func decision(_ random: inout SplitMix64) -> FieldWrite {
    let isClient = random.oneIn(2)
    let word =
      isClient
      ? random.pick(["approved", "approved", "approved", "declined", "revoked"])
      : random.pick(["accepted", "accepted", "accepted", "declined", "withdrawn"])
    let permissions = ["view_files", "add_notes", "view_reports"].filter { _ in !random.oneIn(4) }
    var entries: [(key: CBORValue, value: CBORValue)] = [
      (.text("decision"), .text(word)),
      (.text("permissions"), .array(permissions.map { .text($0) })),
    ]
    if random.oneIn(3) {
      entries.append((.text("until"), .unsigned(UInt64.random(in: 1...50, using: &random))))
    }
    return FieldWrite(
      key: isClient ? Consent.clientKey : Consent.practitionerKey, value: .map(CBORMap(entries)))
  }

  @Test func itIsTheFunctionOnRandomDecisions() throws {
    var random = SplitMix64(seed: 7)
    var position: UInt64 = 0
    var consents: [RecordID: Consent] = [:]
    for number in 1...200 {
      let record = RecordID.numbered(number)
      consents[record] = try store.transaction {
        try decide(record, &random, position: &position)
      }
    }
    var met: Set<String> = []
    for now in [0, 10, 30, 60] as [UInt64] {
      clock.milliseconds = now
      let rows = try reader.readOnlyQuery(
        "SELECT record, consent_status(space, record), consent_permissions(space, record) "
          + "FROM assignment", limits: SQLiteDatabase.QueryLimits()
      ).rows
      #expect(rows.count == 200)
      for row in rows {
        let record = try #require(row[0].blobValue.flatMap { RecordID($0) })
        let state = try #require(consents[record]).state(nowMilliseconds: now)
        #expect(row[1] == .text(state.status.rawValue))
        let words = state.terms.permissions.map { "\"\($0.rawValue)\"" }
        #expect(row[2] == .text("[" + words.joined(separator: ",") + "]"))
        met.insert(state.status.rawValue)
      }
    }
    #expect(met == Set(ConsentStatus.allCases.map(\.rawValue)))
  }

  @Test func whatIsNoAssignmentHasNoStatus() throws {
    let rows = try reader.readOnlyQuery(
      "SELECT consent_status(1, zeroblob(16))", limits: SQLiteDatabase.QueryLimits()
    ).rows
    #expect(rows == [[.null]])
    #expect(throws: SQLError.self) {
      try reader.readOnlyQuery(
        "SELECT consent_status(1, 'text')", limits: SQLiteDatabase.QueryLimits())
    }
  }
}

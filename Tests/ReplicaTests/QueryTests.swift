import Merge
import Simulation
import Testing

@testable import Replica

@Suite("SQL of people")
struct QueryTests {
  private func ticket(_ casework: Casework) throws -> RecordReference {
    let draft = TicketDraft(title: "Title", description: "Words", severity: "major")
    return try casework.laptop.newTicket(draft, in: casework.space).reference
  }

  @Test("Opens sealed columns and leaves NULL alone")
  func unseal() throws {
    let casework = try Casework()
    let reference = try ticket(casework)
    let answer = try casework.laptop.query(
      "SELECT unseal(title) AS title, severity, unseal(environment), uuid(record), "
        + "person(assignee) FROM ticket WHERE unseal(description) LIKE 'wor%'")
    #expect(
      answer.columns == [
        "title", "severity", "unseal(environment)", "uuid(record)", "person(assignee)",
      ])
    let id = reference.record.uuidText
    #expect(answer.rows == [[.text("Title"), .text("major"), .null, .text(id), .null]])
    #expect(answer.isComplete)
    #expect(id.count == 36)
    try casework.syncAll()
    let other = try casework.practitioner.query("SELECT unseal(title) FROM ticket")
    #expect(other.rows == [[.text("Title")]])
  }

  @Test("Opens the values that are in conflict")
  func siblings() throws {
    let casework = try Casework()
    let reference = try ticket(casework)
    try casework.syncAll()
    for (device, title) in [(casework.laptop, "A"), (casework.practitioner, "B")] {
      casework.clock.advance(minutes: 1)
      var edit = TicketEdit()
      edit.title = title
      try device.editTicket(reference, edit)
    }
    try casework.syncAll()
    let query = "SELECT key, unseal(value) FROM _sibling ORDER BY position"
    let answer = try casework.phone.query(query)
    #expect(
      answer.rows == [[.text("title"), .text("A")], [.text("title"), .text("B")]])
    #expect(try casework.phone.query("SELECT unseal(title) FROM ticket").rows == [[.text("B")]])
  }

  @Test("Open values of siblings are readable too")
  func openSiblings() throws {
    let casework = try Casework()
    let reference = try casework.laptop.newTicket(
      TicketDraft(title: "T", labels: ["x"]), in: casework.space
    ).reference
    try casework.syncAll()
    #expect(try casework.laptop.take(.close, on: reference))
    #expect(try casework.practitioner.take(.start, on: reference))
    try casework.syncAll()
    let answer = try casework.phone.query(
      "SELECT json_extract(unseal(value), '$.state') FROM _sibling WHERE key = 'status' "
        + "ORDER BY 1")
    #expect(answer.rows == [[.text("closed")], [.text("in_progress")]])
    let label = try casework.phone.query("SELECT unseal(value) FROM _sibling WHERE key <> 'status'")
    #expect(label.rows == [[.integer(1)]])
  }

  @Test("A locked home answers what is open, and says what it needs for the rest")
  func locked() throws {
    let casework = try Casework()
    _ = try ticket(casework)
    casework.laptop.lock()
    #expect(try casework.laptop.query("SELECT severity FROM ticket").rows == [[.text("major")]])
    #expect(throws: ReplicaError.locked) {
      try casework.laptop.query("SELECT unseal(title) FROM ticket")
    }
    #expect(try casework.laptop.query("SELECT unseal(NULL)").rows == [[.null]])
  }

  @Test("What no key is held for becomes NULL")
  func withoutKey() throws {
    let casework = try Casework()
    _ = try ticket(casework)
    try KeyRing.dropEpochs(of: casework.space, in: casework.laptop.database)
    casework.laptop.keys?.forgetOpened(of: casework.space)
    let answer = try casework.laptop.query("SELECT unseal(title), severity FROM ticket")
    #expect(answer.rows == [[.null, .text("major")]])
    #expect(try casework.laptop.tickets().first?.title == .sealed)
  }

  @Test("Bytes that are not a sealed value of this home are refused")
  func foreign() throws {
    let casework = try Casework()
    _ = try ticket(casework)
    let values = [
      "x''", "x'00ff'", "zeroblob(80)", "CAST(x'01' || zeroblob(80) AS BLOB)", "'text'", "5",
    ]
    for value in values {
      let error = #expect(throws: QueryError.self) {
        try casework.laptop.query("SELECT unseal(\(value))")
      }
      guard case .wrong(let message)? = error else {
        Issue.record("\(value): \(String(describing: error))")
        continue
      }
      #expect(message.contains("sealed"))
    }
  }

  @Test("A sealed value that was moved to another row does not open")
  func moved() throws {
    let casework = try Casework()
    _ = try ticket(casework)
    _ = try casework.laptop.newTicket(TicketDraft(title: "Other"), in: casework.space)
    try casework.laptop.database.run(
      "UPDATE ticket SET title = (SELECT other.title FROM ticket AS other "
        + "WHERE other.record <> ticket.record) WHERE severity IS NULL")
    let rows = try casework.laptop.query("SELECT COUNT(DISTINCT title) FROM ticket").rows
    #expect(rows == [[.integer(1)]])
    // The value opens where it belongs; a row that holds another's does not show it.
    let titles = Set(try casework.laptop.tickets().map(\.title))
    #expect(titles == [.text("Title"), .sealed])
  }

  @Test("Nothing but one reading query of records, logs and queues is answered")
  func notAllowed() throws {
    let casework = try Casework()
    _ = try ticket(casework)
    let refused = [
      "DELETE FROM ticket", "UPDATE ticket SET severity = 'minor'", "INSERT INTO space VALUES (1)",
      "DROP TABLE ticket", "CREATE TABLE t (a)", "ATTACH '/tmp/x' AS x",
      "PRAGMA table_info(ticket)",
      "BEGIN", "SELECT * FROM key_ring", "SELECT * FROM setting", "SELECT * FROM wrap",
      "SELECT * FROM handed_out", "SELECT * FROM sqlite_schema", "SELECT 1; SELECT 2",
      "SELECT (SELECT sealed FROM key_ring LIMIT 1)", "SELECT load_extension('x')", "VACUUM",
      "WITH k AS (SELECT * FROM key_ring) SELECT * FROM k",
    ]
    for sql in refused {
      #expect(throws: QueryError.notAllowed, "\(sql)") { try casework.laptop.query(sql) }
    }
    #expect(try casework.laptop.query("SELECT COUNT(*) FROM ticket").rows == [[.integer(1)]])
  }

  @Test("Logs and queues can be read")
  func allowed() throws {
    let casework = try Casework()
    let tables = [
      "log", "outbox", "outbox_row", "rejected", "space", "replica", "_sibling", "_decision",
      "evidence", "audit", "left_space", "own_journal", "file", "share",
    ]
    for table in tables {
      #expect(try casework.laptop.query("SELECT COUNT(*) FROM \(table)").rows.count == 1)
    }
  }

  @Test("Wrong SQL says what is wrong; endless SQL ends")
  func wrong() throws {
    let casework = try Casework()
    let error = #expect(throws: QueryError.self) { try casework.laptop.query("SELECT missing") }
    #expect(error == .wrong("no such column: missing"))
    let many = try casework.laptop.query(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
    #expect(!many.isComplete)
    #expect(many.rows.count == 10_000)
  }
}

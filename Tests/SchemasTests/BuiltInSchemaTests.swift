import Foundation
import Merge
import Testing

@testable import Schemas

struct BuiltInSchemaTests {
  private func type(_ name: String) throws -> RecordType {
    try #require(BuiltInSchema.schema.type(name))
  }

  private func field(_ type: String, _ name: String) throws -> Field {
    try #require(try self.type(type).field(name))
  }

  @Test func everyFileInTheFolderIsEmbedded() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Schemas")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".json") && $0 != "meta.schema.json" }
    #expect(BuiltInSchema.files.map(\.name) == names.sorted())
    for file in BuiltInSchema.files {
      let stored = try Data(contentsOf: folder.appending(path: file.name))
      #expect(Array(stored) == file.bytes)
    }
  }

  @Test func filesAreNamedAfterTheirTypes() {
    let names = BuiltInSchema.schema.types.map { "\($0.name).json" }
    #expect(names == BuiltInSchema.files.map(\.name))
  }

  @Test func decisionsNameEveryPermission() throws {
    let words = Permission.allCases.map(\.rawValue)
    let groups = [
      ("assignment", "terms"), ("assignment", "practitioner_decision"),
      ("assignment", "client_decision"), ("share", "access"),
    ]
    for (type, name) in groups {
      guard case .group(let components) = try field(type, name).kind else { continue }
      let permissions = components.first { $0.name == "permissions" }
      #expect(permissions?.kind == .list(.enumeration(words)))
    }
  }

  @Test func aConsentIsOrderedByItsDecision() throws {
    let field = try field("assignment", "client_decision")
    #expect(field.rule == .revokeWins)
    #expect(field.orderedBy == "decision")
    #expect(field.order == ["revoked", "declined", "approved"])
    #expect(field.writers == [.client])
    #expect(field.isGuarded)
    #expect(!field.sealed)
  }

  @Test func nothingOfAnAssignmentIsSealed() throws {
    // Its spaces have no keys.
    #expect(try type("assignment").fields.allSatisfy { !$0.sealed })
  }

  @Test func aTicketIsClosedByTheClientOnly() throws {
    let workflow = try #require(try type("ticket").workflow("ticket"))
    for state in workflow.states {
      #expect(!workflow.allowed(from: state, role: .staff).contains("closed"))
    }
    #expect(workflow.allowed(from: nil, role: .contact) == ["open"])
    #expect(workflow.allowed(from: "resolved", role: .contact) == ["closed", "reopened"])
    #expect(workflow.allowed(from: "open", role: .contact) == ["closed"])
    #expect(workflow.allowed(from: "closed", role: .staff) == [])
    #expect(
      workflow.allowed(from: "open", role: .staff)
        == ["in_progress", "waiting_for_client", "resolved"])
  }

  @Test func aTicketsStatusTakesItsStatesFromTheWorkflow() throws {
    let field = try field("ticket", "status")
    let workflow = try #require(try type("ticket").workflow("ticket"))
    guard case .group(let components) = field.kind else {
      Issue.record("not a group")
      return
    }
    #expect(components.map(\.name) == ["at", "reason", "state"])
    #expect(components[2].kind == .enumeration(workflow.states))
    #expect(components[2].required)
    #expect(!components[0].required)
    #expect(field.orderedBy == "state")
  }

  @Test func aRequestIsAnsweredByTheClientOnly() throws {
    let workflow = try #require(try type("access_request").workflow("access_request"))
    #expect(workflow.allowed(from: "requested", role: .client) == ["approved", "denied"])
    #expect(workflow.allowed(from: "requested", role: .practitioner) == ["withdrawn"])
    #expect(workflow.allowed(from: nil, role: .client) == [])
  }

  @Test func aVersionNeverChanges() throws {
    #expect(try type("version").fields.allSatisfy { $0.rule == .once })
  }

  @Test func aVersionHoldsTheBlobsOfAFileOf32GiB() throws {
    let blobs = try field("version", "blobs")
    let fileByteCount = 32 << 30
    #expect(blobs.sizeMax * (8 << 20) >= fileByteCount)
    #expect(blobs.itemSize == 32...32)
    #expect(blobs.encodedByteCountMax <= 192 << 10)
  }

  @Test func onlyTheClientShares() throws {
    let share = try type("share")
    #expect(share.creators == [.client])
    for name in ["name", "content", "access"] {
      let writers = try field("share", name).writers
      #expect(writers.isEmpty || writers == [.client])
    }
  }

  @Test func notesNeedAPermission() throws {
    #expect(try type("note").createPermission == .addNotes)
  }

  @Test func whatPeopleWriteIsSealed() throws {
    let texts = [
      ("folder", "name"), ("file", "name"), ("file", "media_type"), ("share", "name"),
      ("share", "media_type"), ("note", "text"), ("access_request", "reason"),
      ("access_request", "message"), ("ticket", "title"), ("ticket", "description"),
      ("ticket", "environment"), ("comment", "text"), ("internal_note", "text"),
      ("worklog", "text"), ("profile", "name"), ("profile", "contact"), ("profile", "language"),
    ]
    for (type, name) in texts {
      let field = try field(type, name)
      #expect(field.sealed, "\(type).\(name)")
    }
  }

  @Test func theExampleOfTheDesignLoads() throws {
    let text = """
      { "type": "example", "space": "casework", "concurrent_delete": "edit_wins",
        "history": "keep",
        "fields": {
          "title":    { "kind": "text", "sealed": true, "rule": "latest", "bytes_max": 400,
                        "required": true },
          "severity": { "kind": "enum", "values": ["minor","major","critical"], "rule": "highest",
                        "order": ["minor","major","critical"], "write": ["contact","staff"] },
          "status":   { "kind": "group", "rule": "workflow", "workflow": "ticket",
                        "of": { "state": "enum", "reason": "text", "at": "time" } },
          "number":   { "kind": "integer", "rule": "once", "write": ["server"] },
          "labels":   { "kind": "set", "of": "text", "rule": "add_wins" } },
        "workflows": { "ticket": { "states": ["open"], "precedence": ["open"],
          "transitions": [{ "from": null, "to": "open", "roles": ["staff"] }] } },
        "create": ["contact","staff"], "delete": ["staff"] }
      """
    let type = try SchemaLoader.load(file: "example.json", bytes: Array(text.utf8))
    #expect(type.fields.map(\.name) == ["labels", "number", "severity", "status", "title"])
    #expect(type.creators == [.contact, .staff])
    #expect(type.deleters == [.staff])
    #expect(type.field("title")?.sizeMax == 400)
    #expect(type.field("labels")?.kind == .set(.text))
  }
}

import Merge
import Replica
import Schemas

/// The record types as a later version might have them: with a new type, new fields, new words, a new
/// state and a new component. People and the server come to it one by one, while they work.
enum LaterSchema {
  /// Only the later version has it.
  static let type = "reminder"

  static let files: SchemaFiles = {
    do throws(SchemaError) {
      return try SchemaFiles(BuiltInSchema.files.map(later) + [("\(type).json", reminder)])
    } catch {
      preconditionFailure("the later schema is broken: \(error)")
    }
  }()

  private static let reminder = Array(
    """
    {
      "type": "reminder", "space": "casework", "concurrent_delete": "edit_wins", "history": "keep",
      "parent": { "field": "ticket", "type": "ticket", "on_delete": "hide" },
      "fields": {
        "ticket": { "kind": "record", "type": "ticket", "rule": "once", "required": true },
        "text": { "kind": "text", "sealed": true, "rule": "latest" },
        "answer": {
          "kind": "enum", "values": ["no", "yes"], "rule": "revoke_wins", "order": ["no", "yes"]
        }
      },
      "create": ["contact", "staff"], "delete": ["contact", "staff"]
    }
    """.utf8)

  /// What is put in the place of what, in the files that have grown.
  private static let growth: [String: [(old: String, new: String)]] = [
    "ticket.json": [
      (#""document_feedback"]"#, #""document_feedback", "complaint"]"#),
      (#"["low", "normal", "high", "urgent"]"#, #"["low", "normal", "high", "urgent", "blocker"]"#),
      (#""at": "time" }"#, #""at": "time", "effort": "integer" }"#),
      (#""closed", "reopened"]"#, #""closed", "reopened", "on_hold"]"#),
      (#""in_progress", "resolved", "open""#, #""in_progress", "on_hold", "resolved", "open""#),
      (
        #""transitions": ["#,
        #"""
        "transitions": [
          { "from": ["open", "in_progress"], "to": "on_hold", "roles": ["staff"] },
          { "from": "on_hold", "to": "in_progress", "roles": ["staff", "contact"] },
        """#
      ),
      (
        #""fields": {"#,
        #"""
        "fields": {
          "colour": { "kind": "text", "rule": "latest" },
          "alarm": { "kind": "text", "rule": "all", "sealed": true },
          "watchers": { "kind": "set", "of": "text", "rule": "remove_wins" },
        """#
      ),
    ],
    "comment.json": [
      (
        #""fields": {"#,
        #"""
        "fields": {
          "mood": { "kind": "text", "rule": "latest", "write": ["contact", "staff"] },
        """#
      )
    ],
  ]

  private static func later(
    _ file: (name: String, bytes: [UInt8])
  ) -> (name: String, bytes: [UInt8]) {
    var text = String(decoding: file.bytes, as: UTF8.self)
    for (old, new) in growth[file.name] ?? [] {
      precondition(text.contains(old), "\(file.name) has no \(old) to grow")
      text = text.replacing(old, with: new)
    }
    return (file.name, Array(text.utf8))
  }
}

extension StepKind {
  /// Somebody, or the server, gets the later version.
  static let upgrade = StepKind("upgrade", weight: 2) { run, party in
    if run.generator.oneIn(3) {
      try run.world.upgradeServer()
      run.count("server upgraded")
      return "server"
    }
    try party.upgrade()
    run.count("device upgraded")
    return party.name
  }
}

extension Party {
  var isUpgraded: Bool { schema.schema.type(LaterSchema.type) != nil }

  func upgrade() throws {
    if isUpgraded { return }
    schema = LaterSchema.files
    try reopen()
  }
}

extension World {
  var isServerUpgraded: Bool { serverSchema.schema.type(LaterSchema.type) != nil }

  func upgradeServer() throws {
    if isServerUpgraded { return }
    serverSchema = LaterSchema.files
    try restartServer()
  }

  /// Where one has the later version, in the end all have it.
  func finishUpgrade() throws {
    let all = parties.keys.sorted().map { self[$0] }
    guard isServerUpgraded || all.contains(where: \.isUpgraded) else { return }
    try upgradeServer()
    for party in all { try party.upgrade() }
  }
}

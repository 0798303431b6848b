import Foundation
import Merge
import Replica
import Terminal

/// `rejected`: what was refused and is kept for its author.
enum RejectedCommands {
  static var all: [Command] { [list, show, export, reissue, drop] }

  private static let number = Argument("N", help: "as “satchel rejected ls” shows it")

  private static var list: Command {
    Command(
      name: ["rejected", "ls"], summary: "your changes that were refused, and why",
      options: [.flag("json")]
    ) { invocation in
      let output = Session.shared.output
      try Session.shared.withReplica(invocation, unlocked: false) { replica in
        let all = try replica.rejectedWrites()
        if invocation.flag("json") { return output.json(.array(all.map { json($0, replica) })) }
        if all.isEmpty { output.note("nothing was refused") }
        output.table(
          Table(
            columns: [Table.Column("N", .right)]
              + ["WRITTEN", "SPACE", "WHAT", "REASON"].map { Table.Column($0) },
            rows: all.map { write in
              [
                String(write.number), ValueText.time(write.time.milliseconds), space(write),
                what(write), reason(write),
              ]
            }))
      }
    }
  }

  private static func space(_ write: RejectedWrite) -> String {
    write.spaceKind?.rawValue ?? String(write.space.hex.prefix(8))
  }

  /// `ticket (title, severity), comment`.
  private static func what(_ write: RejectedWrite) -> String {
    write.changes.map { change in
      let keys = change.writes.map(\.key).joined(separator: ", ")
      return change.operation == .update ? "\(change.type) (\(keys))" : change.type
    }.joined(separator: ", ")
  }

  private static func reason(_ write: RejectedWrite) -> String {
    let doubt = write.isUnfounded ? "; the log gives no reason for that" : ""
    return write.refusal.explanation + doubt
  }

  private static var show: Command {
    Command(
      name: ["rejected", "show"], summary: "one refused change, all of it", arguments: [number]
    ) { invocation in
      let output = Session.shared.output
      try Session.shared.withReplica(invocation) { replica in
        let write = try replica.rejectedWrite(number(invocation))
        let values = ValueText(replica: replica)
        output.line("refused: \(reason(write))")
        output.line("written \(ValueText.time(write.time.milliseconds))")
        output.line("refused \(ValueText.time(write.refusedMilliseconds))")
        output.line("space   \(space(write)) \(write.space.uuidText)")
        for change in write.changes {
          output.line("\(change.type) \(change.record.uuidText)")
          for field in change.writes {
            output.line("  \(field.key): \(values.quoted(field.value))")
          }
        }
      }
    }
  }

  private static var export: Command {
    Command(
      name: ["rejected", "export"], summary: "one refused change as JSON, in plain text",
      arguments: [number],
      options: [.value("to", "FILE", help: "a new file, readable by you alone")]
    ) { invocation in
      let output = Session.shared.output
      try Session.shared.withReplica(invocation) { replica in
        let document = json(try replica.rejectedWrite(number(invocation)), replica)
        guard let path = invocation.option("to") else { return output.json(document) }
        try NewFile.write(Array(document.text.utf8), to: path)
        output.note("exported to \(path)")
      }
    }
  }

  private static var drop: Command {
    Command(
      name: ["rejected", "drop"], summary: "forget a refused change for good",
      arguments: [number]
    ) { invocation in
      try Session.shared.withReplica(invocation, unlocked: false) { replica in
        let number = try number(invocation)
        try replica.dropRejectedWrite(number)
        Session.shared.output.line("dropped \(number)")
      }
    }
  }

  private static var reissue: Command {
    Command(
      name: ["rejected", "reissue"], summary: "write a refused change again, as it was",
      details: "With what you had seen then, less what you have written over since.",
      arguments: [number],
      options: [.flag("force", help: "also if it will be refused again, as far as is known")]
    ) { invocation in
      try Session.shared.withReplica(invocation) { replica in
        let number = try number(invocation)
        try replica.reissueRejectedWrite(number, force: invocation.flag("force"))
        Session.shared.output.line("written again; the next `satchel sync` sends it")
      }
    }
  }

  private static func number(_ invocation: Invocation) throws -> Int64 {
    let text = try invocation.argument("N")
    guard let number = Int64(text) else { throw Failure.usage("“\(text)” is not a number") }
    return number
  }

  // MARK: JSON

  /// All that is known of it: what another program needs to write it again.
  private static func json(_ write: RejectedWrite, _ replica: Replica) -> JSONValue {
    .object([
      "number": .integer(write.number), "account": .string(replica.identity.account.hex),
      "space": .string(write.space.hex),
      "space_kind": write.spaceKind.map { .string($0.rawValue) } ?? .null,
      "journal": ValueText.json(write.journal),
      "reissue_of": write.reissueOf.map(ValueText.json) ?? .null,
      "context": .object([
        "incarnation": .integer(Int64(write.context.incarnation)),
        "position": .integer(Int64(write.context.position.rawValue)),
      ]),
      "written_at": .integer(Int64(write.time.milliseconds)),
      "written_counter": .integer(Int64(write.time.counter)),
      "refused_at": .integer(Int64(write.refusedMilliseconds)),
      "refusal": .object([
        "code": .integer(Int64(write.refusal.code.rawValue)),
        "name": .string("\(write.refusal.code)"),
        "details": .array(write.refusal.details.map { .string($0) }),
        "explanation": .string(write.refusal.explanation),
        "unfounded": .bool(write.isUnfounded),
      ]),
      "changes": .array(write.changes.map(json)),
    ])
  }

  private static func json(_ change: RejectedWrite.Change) -> JSONValue {
    .object([
      "type": .string(change.type), "record": .string(change.record.hex),
      "operation": .string("\(change.operation)"),
      "writes": .array(
        change.writes.map { write in
          .object([
            "field": .string(write.key), "value": ValueText.json(write.value),
            "kind": .string(ValueText.kind(write.value)), "sealed": .bool(write.isSealed),
            "decided_on": .array(write.shown.map(ValueText.json)),
          ])
        }),
    ])
  }
}

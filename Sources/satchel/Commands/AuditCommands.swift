import Replica
import Terminal

/// `audit`: every attempt to reach a file on this device.
enum AuditCommands {
  static var all: [Command] { [audit] }

  private static var audit: Command {
    Command(
      name: ["audit"], summary: "every attempt to reach a file on this device, refusals included",
      details: "Names are shown while the home is unlocked; the log itself holds none.",
      options: [.value("last", "COUNT", help: "only so many lines"), .flag("json")]
    ) { invocation in
      let session = Session.shared
      let count = try invocation.integer("last", in: 1...1_000_000)
      try session.withReplica(invocation, unlocked: false) { replica in
        let entries = try replica.auditEntries(countMax: count ?? .max)
        if invocation.flag("json") {
          session.output.json(.array(entries.map(json)))
          return
        }
        session.output.table(
          Table(
            columns: ["TIME", "ACTION", "OUTCOME", "REASON", "FILE"].map { Table.Column($0) },
            rows: entries.map { entry in
              [
                TimeText.text(Int64(entry.timeMilliseconds)), entry.action, entry.outcome,
                entry.detail ?? "",
                entry.name ?? entry.record.map { "#\($0.hex.suffix(8))" } ?? "",
              ]
            }))
      }
    }
  }

  private static func json(_ entry: AuditEntry) -> JSONValue {
    .object([
      "number": .integer(entry.number), "time": .integer(Int64(entry.timeMilliseconds)),
      "action": .string(entry.action), "outcome": .string(entry.outcome),
      "detail": entry.detail.map { .string($0) } ?? .null,
      "space": entry.space.map { .string($0.hex) } ?? .null,
      "record": entry.record.map { .string($0.hex) } ?? .null,
      "name": entry.name.map { .string($0) } ?? .null,
    ])
  }
}

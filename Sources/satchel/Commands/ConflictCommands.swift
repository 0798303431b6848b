import Merge
import Replica
import Terminal

/// `conflicts`, `resolve`, `history`: what was written at the same time, and what became of it.
enum ConflictCommands {
  static var all: [Command] { [conflicts, show, resolve, history] }

  private static let record = Argument(
    "RECORD", help: "a ticket's number, or the beginning of a record's id")

  private static var conflicts: Command {
    Command(
      name: ["conflicts"], summary: "fields with more than one standing value",
      details: "Each with all its values, who wrote them, which one is shown and by which rule.",
      options: [.flag("json")]
    ) { invocation in
      try Session.shared.withReplica(invocation) { replica in
        try report(try replica.conflicts(), replica, invocation)
      }
    }
  }

  private static var show: Command {
    Command(
      name: ["conflicts", "show"], summary: "the conflicts of one record", arguments: [record],
      options: [.flag("json")]
    ) { invocation in
      try Session.shared.withReplica(invocation) { replica in
        let reference = try replica.record(named: invocation.argument("RECORD"))
        try report(try replica.conflicts(of: reference), replica, invocation)
      }
    }
  }

  private static func report(
    _ conflicts: [Conflict], _ replica: Replica, _ invocation: Invocation
  ) throws {
    let output = Session.shared.output
    try replica.noteShown(conflicts)
    if invocation.flag("json") { return output.json(.array(conflicts.map(json))) }
    let values = ValueText(replica: replica)
    for conflict in conflicts {
      output.line(
        "\(conflict.reference.type) \(name(conflict))  \(conflict.key)"
          + "  rule \(conflict.ruleName): \(conflict.reason)")
      let rows = conflict.values.map { value in
        [
          "", value.letter, values.quoted(value.value), "by \(value.author.text)",
          ValueText.time(value.timeMilliseconds), value.isShown ? "shown" : "",
          value.position == nil ? "not sent yet" : "",
        ]
      }
      let columns = (0..<7).map { _ in Table.Column("") }
      for line in Table(columns: columns, rows: rows).text.split(separator: "\n") {
        output.write(line + "\n")
      }
    }
    guard let first = conflicts.first else { return output.note("no conflicts") }
    output.note(
      "settle one with: satchel resolve \(name(first).replacing("#", with: "")) "
        + "--field \(first.key) --take A")
  }

  private static func name(_ conflict: Conflict) -> String {
    ValueText.name(conflict.reference, number: conflict.number)
  }

  private static func json(_ conflict: Conflict) -> JSONValue {
    .object([
      "space": .string(conflict.reference.space.hex),
      "space_kind": conflict.spaceKind.map { .string($0.rawValue) } ?? .null,
      "type": .string(conflict.reference.type), "record": .string(conflict.reference.record.hex),
      "number": conflict.number.map { .integer($0) } ?? .null, "field": .string(conflict.key),
      "rule": .string(conflict.ruleName), "reason": .string(conflict.reason),
      "values": .array(
        conflict.values.map { value in
          .object([
            "letter": .string(value.letter), "value": ValueText.json(value.value),
            "kind": .string(ValueText.kind(value.value)),
            "author": ValueText.json(value.author),
            "at": .integer(Int64(value.timeMilliseconds)),
            "position": value.position.map { .integer(Int64($0)) } ?? .null,
            "shown": .bool(value.isShown),
          ])
        }),
    ])
  }

  private static var resolve: Command {
    Command(
      name: ["resolve"], summary: "settle a conflict with one value",
      details:
        "Writes it over the values that “satchel conflicts” showed you last, by its letters. "
        + "What has come in since stays. The others are in “satchel history”.",
      arguments: [record],
      options: [
        .value("field", "NAME", help: "if more than one field is in conflict"),
        .value("take", "LETTER", help: "as “satchel conflicts” shows them"),
        .value("value", "TEXT", help: "another value; - reads it from standard input"),
      ]
    ) { invocation in
      let resolution: Resolution
      switch (invocation.option("take"), invocation.option("value")) {
      case (let letter?, nil): resolution = .take(letter)
      case (nil, let text?): resolution = .value(try ValueText.input(text))
      default: throw Failure.usage("give either --take or --value")
      }
      try Session.shared.withReplica(invocation) { replica in
        let reference = try replica.record(named: invocation.argument("RECORD"))
        let settled = try replica.resolve(
          reference, key: invocation.option("field"), resolution)
        let text = ValueText(replica: replica).quoted(settled.value)
        Session.shared.output.line("\(settled.key) is \(text) now")
      }
    }
  }

  // MARK: History

  private static var history: Command {
    Command(
      name: ["history"], summary: "every write of a record, in the order of the log",
      arguments: [record],
      options: [
        .flag("clocks", help: "what each author had seen, as a version vector"), .flag("json"),
      ]
    ) { invocation in
      let output = Session.shared.output
      try Session.shared.withReplica(invocation) { replica in
        let reference = try replica.record(named: invocation.argument("RECORD"))
        let entries = try replica.history(of: reference, clocks: invocation.flag("clocks"))
        if invocation.flag("json") { return output.json(.array(entries.map(json))) }
        for entry in entries { write(entry, ValueText(replica: replica), output) }
      }
    }
  }

  private static func write(_ entry: HistoryEntry, _ values: ValueText, _ output: Output) {
    let place = entry.position.map { "\($0.rawValue)" } ?? "not sent yet"
    output.line(
      "\(place)  \(ValueText.time(entry.timeMilliseconds))  \(entry.author.text)"
        + "  \(word(entry.operation)), had seen \(entry.context.position.rawValue)")
    if let refusal = entry.refusal { output.line("  refused: \(refusal.explanation)") }
    for write in entry.writes {
      output.line(
        "  \(write.key): \(values.quoted(write.value))  [\(write.standing.rawValue)]")
    }
    if let clock = entry.clock { output.line("  clock: \(ValueText.text(clock))") }
  }

  private static func word(_ operation: RecordChange.Operation) -> String {
    switch operation {
    case .create: "created"
    case .update: "changed"
    case .delete: "deleted"
    }
  }

  private static func json(_ entry: HistoryEntry) -> JSONValue {
    .object([
      "position": entry.position.map { .integer(Int64($0.rawValue)) } ?? .null,
      "journal": ValueText.json(entry.journal),
      "reissue_of": entry.reissueOf.map(ValueText.json) ?? .null,
      "author": ValueText.json(entry.author), "at": .integer(Int64(entry.timeMilliseconds)),
      "context": .object([
        "incarnation": .integer(Int64(entry.context.incarnation)),
        "position": .integer(Int64(entry.context.position.rawValue)),
      ]),
      "operation": .string(word(entry.operation)),
      "refusal": entry.refusal.map { .string($0.explanation) } ?? .null,
      "clock": entry.clock.map(ValueText.json) ?? .null,
      "writes": .array(
        entry.writes.map { write in
          .object([
            "field": .string(write.key), "value": ValueText.json(write.value),
            "kind": .string(ValueText.kind(write.value)),
            "standing": .string(write.standing.rawValue),
            "decided_on": .array(write.shown.map(ValueText.json)),
          ])
        }),
    ])
  }
}

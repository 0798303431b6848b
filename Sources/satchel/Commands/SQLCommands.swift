import Replica
import Signing
import Terminal

/// `sql`: questions that no other command answers.
enum SQLCommands {
  static var all: [Command] { [sql] }

  private static var sql: Command {
    Command(
      name: ["sql"], summary: "ask the local database; reads only",
      details: """
        Every record type is a table: ticket, comment, file, share, …. Concurrent values are in \
        _sibling.
        Functions: unseal(column) opens a sealed value, person(account) is a name, uuid(id) an id's \
        usual form.
        """,
      arguments: [Argument("QUERY", help: "one SELECT; - reads it from standard input")],
      options: [.flag("json")]
    ) { invocation in
      let query = try ValueText.input(invocation.argument("QUERY"))
      // Without it no key is needed, and nobody is asked for a password.
      let needsKeys = query.lowercased().contains("unseal")
      try Session.shared.withReplica(invocation, unlocked: needsKeys) { replica in
        do {
          report(try replica.query(query), invocation)
        } catch let error as QueryError {
          throw failure(error)
        }
      }
    }
  }

  private static func failure(_ error: QueryError) -> Failure {
    switch error {
    case .notAllowed:
      Failure(
        "only one query that reads records, logs and queues is allowed",
        hint: "keys and settings cannot be read; nothing can be written", exitCode: .notAllowed)
    case .tooMuchWork:
      Failure("the query takes too long, or its answer too much room", hint: "ask for less")
    case .wrong(let message): Failure(message, exitCode: .usage)
    }
  }

  private static func report(_ answer: QueryAnswer, _ invocation: Invocation) {
    let output = Session.shared.output
    if invocation.flag("json") {
      output.json(
        .object([
          "columns": .array(answer.columns.map { .string($0) }),
          "rows": .array(answer.rows.map { .array($0.map(json)) }),
          "complete": .bool(answer.isComplete),
        ]))
    } else {
      output.table(
        Table(
          columns: answer.columns.map { Table.Column(Text.printable($0)) },
          rows: answer.rows.map { $0.map(text) }))
      if answer.rows.isEmpty { output.note("no rows") }
    }
    if !answer.isComplete { output.warning("there are more rows than are shown") }
  }

  private static func text(_ value: QueryAnswer.Value) -> String {
    switch value {
    case .null: "NULL"
    case .integer(let number): String(number)
    case .text(let text): text
    case .blob(let bytes): ValueText.id(bytes)
    }
  }

  private static func json(_ value: QueryAnswer.Value) -> JSONValue {
    switch value {
    case .null: .null
    case .integer(let number): .integer(number)
    case .text(let text): .string(text)
    case .blob(let bytes): .string(Hex.encode(bytes))
    }
  }
}

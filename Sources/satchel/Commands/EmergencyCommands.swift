import HTTP
import Merge
import Replica
import Terminal

/// `emergency`: a client lays the vault's key down; in an emergency the team and the server open it
/// together.
enum EmergencyCommands {
  static var all: [Command] { [team, deposit, open, close, list, drill, files, get] }

  private static let kinds = ["medical", "safety", "legal", "technical", "other"]

  private static var team: Command {
    Command(
      name: ["emergency", "team"], summary: "administrator: name the organisation's emergency team",
      details: "Its members can open deposits, together with the server. Open casework with it for "
        + "each client who wants one.",
      arguments: [Argument("NAME", .optional, help: "which team, if there is more than one")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let team = try replica.team(named: invocation.optionalArgument("NAME"))
        try replica.nameEmergencyTeam(team.id, session.transport(replica, invocation))
        session.output.line("\(team.name) is the emergency team")
      }
    }
  }

  private static var deposit: Command {
    Command(
      name: ["emergency", "deposit"], summary: "client: lay the vault's key down, or take it back",
      details:
        "Neither the server alone nor the emergency team alone can open it; both can, for at "
        + "most 24 hours, and you are told.",
      arguments: [Argument("WORD", help: "on, off or status")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        switch try invocation.argument("WORD") {
        case "on":
          try replica.turnOnEmergencyDeposit()
          SyncCommands.report(
            try replica.sync(session.transport(replica, invocation)), session.output)
        case "off": try replica.turnOffEmergencyDeposit()
        case "status": break
        case let word: throw Failure.usage("“\(word)” is not on, off or status")
        }
        try showDeposit(replica, session.output)
      }
    }
  }

  private static func showDeposit(_ replica: Replica, _ output: Output) throws {
    let own = try replica.emergencyDeposits().filter {
      $0.client == replica.identity.account && !$0.isWithdrawn
    }
    if let open = own.first(where: { $0.phase == .open }) {
      output.line("open: \(text(open, replica))")
    } else if own.contains(where: { $0.phase == .ready }) {
      output.line("the deposit is ready; it goes to the server with the next `satchel sync`")
    } else if try replica.wantsEmergencyDeposit() {
      output.line("a deposit is wanted; the next `satchel sync` makes it")
    } else {
      output.line("no deposit")
    }
  }

  /// Whose vault is open, and to whom.
  static func line(_ deposit: EmergencyDeposit, _ replica: Replica) -> String {
    "the vault of \(replica.markedName(deposit.client)) is open \(text(deposit, replica))"
  }

  private static func text(_ deposit: EmergencyDeposit, _ replica: Replica) -> String {
    guard let access = deposit.access else { return "" }
    let until = TimeText.text(Int64(access.untilMilliseconds))
    return "by \(replica.markedName(access.opener)) until \(until) (\(access.kind))"
      + (access.reason.map { ": \($0)" } ?? "")
  }

  // MARK: The team

  private static var open: Command {
    Command(
      name: ["emergency", "open"], summary: "emergency team: open a client's vault, once",
      details: "Recorded for the client to see before anything is released.",
      arguments: [Argument("CLIENT", help: "a name, or the beginning of an account id")],
      options: [
        .value("type", "TYPE", help: kinds.joined(separator: ", ")),
        .value("reason", "TEXT", help: "at least 20 characters; the client reads it"),
        .value("hours", "N", help: "1 to 24; 24 if left out"),
      ]
    ) { invocation in
      let session = Session.shared
      let kind = try invocation.requiredOption("type")
      guard kinds.contains(kind) else {
        throw Failure.usage("--type takes one of \(kinds.joined(separator: ", "))")
      }
      let reason = try invocation.requiredOption("reason")
      let hours = try invocation.integer("hours", in: 1...24) ?? 24
      try session.withReplica(invocation) { replica in
        let client = try replica.emergencyClient(named: invocation.argument("CLIENT"))
        let opened = try replica.openEmergency(
          of: client, kind: kind, reason: reason, hours: hours,
          session.transport(replica, invocation))
        session.output.line("open \(text(opened, replica))")
        session.output.note("read it with `satchel emergency files` and `satchel emergency get`")
      }
    }
  }

  private static var close: Command {
    Command(
      name: ["emergency", "close"], summary: "end an emergency before its time",
      arguments: [Argument("CLIENT", .optional, help: "as a client: your own")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let named = try invocation.optionalArgument("CLIENT").map(replica.emergencyClient(named:))
        try replica.closeEmergency(of: named ?? replica.identity.account)
        SyncCommands.report(
          try replica.sync(session.transport(replica, invocation)), session.output)
        session.output.line("closed")
      }
    }
  }

  private static var list: Command {
    Command(
      name: ["emergency", "ls"], summary: "deposits, and what was opened when and why",
      options: [.flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation, unlocked: false) { replica in
        let all = try replica.emergencyDeposits()
        if invocation.flag("json") {
          session.output.json(.array(all.map { json($0, replica) }))
        } else {
          session.output.table(
            Table(
              columns: ["CLIENT", "STATE", "OPENED"].map { Table.Column($0) },
              rows: all.map {
                [replica.markedName($0.client), $0.phase.rawValue, text($0, replica)]
              }))
        }
      }
    }
  }

  static func json(_ deposit: EmergencyDeposit, _ replica: Replica) -> JSONValue {
    let access = deposit.access
    return .object([
      "client": .string(deposit.client.hex),
      "client_name": .string(replica.personName(deposit.client)),
      "state": .string(deposit.phase.rawValue),
      "opener": access.map { .string($0.opener.hex) } ?? .null,
      "opener_name": access.map { .string(replica.personName($0.opener)) } ?? .null,
      "type": access.map { .string($0.kind) } ?? .null,
      "reason": access?.reason.map { .string($0) } ?? .null,
      "since": access.map { .integer(Int64($0.sinceMilliseconds)) } ?? .null,
      "until": access.map { .integer(Int64($0.untilMilliseconds)) } ?? .null,
    ])
  }

  private static var drill: Command {
    Command(
      name: ["emergency", "drill"], summary: "find out beforehand what could not be opened",
      details: "Opens nothing."
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let drills = try replica.drillEmergencies(session.transport(replica, invocation))
        session.output.table(
          Table(
            columns: ["CLIENT", "EMERGENCY"].map { Table.Column($0) },
            rows: drills.map { [replica.markedName($0.client), $0.problem ?? "could be opened"] }))
        let count = drills.count { $0.problem != nil }
        if count > 0 { throw Failure("\(count) could not be opened in an emergency") }
      }
    }
  }

  // MARK: What is open

  private static func withVault(
    _ invocation: Invocation, _ body: (EmergencyVault, Output) throws -> Void
  ) throws {
    let session = Session.shared
    try session.withReplica(invocation) { replica in
      let client = try replica.emergencyClient(named: invocation.argument("CLIENT"))
      try body(
        replica.emergencyVault(of: client, session.transport(replica, invocation)), session.output)
    }
  }

  private static var files: Command {
    Command(
      name: ["emergency", "files"], summary: "what lies in a vault that you have opened",
      arguments: [Argument("CLIENT")]
    ) { invocation in
      try withVault(invocation) { vault, output in
        let tree = try vault.tree()
        for entry in tree.descendants(of: nil) {
          output.line(tree.path(of: entry.id) + (entry.kind == .folder ? "/" : ""))
        }
      }
    }
  }

  private static var get: Command {
    Command(
      name: ["emergency", "get"],
      summary: "write files of a vault that you have opened to the disk",
      arguments: [Argument("CLIENT"), Argument("PATH", .repeating)],
      options: [.value("to", "DIR", help: "where to; the current folder if left out")]
    ) { invocation in
      try withVault(invocation) { vault, output in
        let report = try vault.get(
          invocation.arguments("PATH"), to: invocation.option("to") ?? ".")
        for item in report.items { output.line("\(item.path) → \(item.destination)") }
        for problem in report.problems {
          output.warning("\(problem.path): \(problem.error.explanation)")
        }
        if !report.problems.isEmpty { throw Failure("not everything could be written") }
      }
    }
  }
}

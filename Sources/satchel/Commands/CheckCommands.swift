import Foundation
import Replica
import Terminal

/// `check`: everything in this home against itself and the server.
enum CheckCommands {
  static var all: [Command] { [check] }

  private static var check: Command {
    Command(
      name: ["check"], summary: "verify everything in this home, and that the server agrees",
      details:
        "With --repair, what can be made anew is: rows from the log, damaged spaces and files "
        + "from the server. What has not been sent is never touched.",
      options: [
        .flag("repair", help: "make anew what can be"),
        .flag("offline", help: "leave the server alone"), .flag("json"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation, unlocked: false, tidies: false) { replica in
        let transport =
          try invocation.flag("offline") ? nil : session.transport(replica, invocation)
        let report = try replica.check(transport, repairs: invocation.flag("repair"))
        if invocation.flag("json") {
          session.output.json(json(report))
        } else {
          for line in report.lines { session.output.line(line) }
        }
        if !report.problems.isEmpty { throw failure(report, invocation) }
      }
    }
  }

  private static func failure(_ report: Replica.Findings, _ invocation: Invocation) -> Failure {
    let what = "\(report.problems.count) things are wrong"
    if !invocation.flag("repair"), report.problems.contains(where: { $0.remedy != .none }) {
      return Failure(what, hint: "satchel check --repair makes anew what can be")
    }
    if report.problems.contains(where: { $0.remedy == .refetch }) {
      return Failure(what, hint: "what is damaged is fetched again once the server can be reached")
    }
    return Failure(
      what, hint: "keep a copy of the home; another device of yours has what was sent")
  }

  private static func json(_ report: Replica.Findings) -> JSONValue {
    .object([
      "checked": .object(
        Dictionary(
          uniqueKeysWithValues: report.parts.map {
            ($0.part.rawValue, JSONValue.integer(Int64($0.count)))
          })),
      "problems": .array(
        report.problems.map { problem in
          .object([
            "part": .string(problem.part.rawValue), "what": .string(problem.what),
            "meaning": .string(problem.part.meaning),
            "space": problem.space.map { .string($0.hex) } ?? .null,
          ])
        }),
      "notes": .array(report.notes.map { .string($0) }),
      "repairs": .array(report.repairs.map { .string($0) }),
    ])
  }
}

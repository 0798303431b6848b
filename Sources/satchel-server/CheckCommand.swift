import SyncServer
import Terminal

/// `satchel-server check`: everything against itself.
enum CheckCommand {
  static let command = Command(
    name: ["check"],
    summary: "Verify everything: chains, logs, signatures, rows, wraps, blobs.",
    details: "Stop the server first: a check and a server keep each other out. With --repair, what "
      + "the logs tell is made anew; what is damaged itself has to come from a backup.",
    options: [DataDirectory.option, .flag("repair", help: "make anew what can be"), .flag("json")],
    run: run)

  private static func run(_ invocation: Invocation) throws {
    let report = try SyncServer.check(
      directory: DataDirectory.path(invocation), environment: .operatingSystem,
      repairs: invocation.flag("repair"))
    let output = Output.standard
    if invocation.flag("json") {
      output.json(json(report))
    } else {
      for line in report.lines { output.line(line) }
    }
    guard !report.problems.isEmpty else { return }
    let isRepairable = report.problems.contains {
      $0.remedy == .rebuild || $0.remedy == .discard
    }
    throw Failure(
      "\(report.problems.count) things are wrong",
      hint: isRepairable && !invocation.flag("repair")
        ? "satchel-server check --repair makes anew what the logs tell"
        : "restore a backup; devices bring back what they hold")
  }

  private static func json(_ report: SyncServer.Findings) -> JSONValue {
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

import Simulation
import Terminal

/// `satchel-sim lie`: lets the server lie, and says where a device believed it.
enum LieCommand {
  static let command = Command(
    name: ["lie"],
    summary: "Let the server lie to one device in mid-run, and report every lie that was believed.",
    details: """
      The seed picks the lie, the device and the space. Ends with exit code 1 on any violation. \
      --lie list names the lies.
      """,
    options: [
      .value("seeds", "A..B", help: "the seeds from A to B"),
      .value("seed", "S", help: "one seed"),
      .value("lie", "LIE", help: "always this one; “list” names them"),
      .flag("json", help: "the result as JSON"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws {
    let output = Output.standard
    if invocation.option("lie") == "list" {
      for lie in Lie.allCases { output.line("\(lie.rawValue)  \(lie.explanation)") }
      return
    }
    let lie = try invocation.option("lie").map(lie)
    var told: [String: Int] = [:]
    var flagged: [String: Int] = [:]
    var violations: [Violation] = []
    for seed in try RunCommand.seeds(invocation) {
      let run = try LyingRun(seed: seed, lie: lie)
      try run.perform()
      told[run.lie.rawValue, default: 0] += 1
      if run.isFlagged { flagged[run.lie.rawValue, default: 0] += 1 }
      violations += run.violations
    }
    show(told, flagged, violations, asJSON: invocation.flag("json"), output)
    guard violations.isEmpty else { throw Failure("\(violations.count) violations") }
  }

  private static func lie(_ name: String) throws(Failure) -> Lie {
    guard let lie = Lie(rawValue: name) else {
      throw Failure.usage("there is no lie \(name)", hint: "see --lie list")
    }
    return lie
  }

  private static func show(
    _ told: [String: Int], _ flagged: [String: Int], _ violations: [Violation], asJSON: Bool,
    _ output: Output
  ) {
    guard asJSON else {
      for lie in told.keys.sorted() {
        output.line("\(lie): told \(told[lie] ?? 0) times, found \(flagged[lie] ?? 0) times")
      }
      for violation in violations {
        output.line("seed \(violation.seed): \(violation.checker): \(violation.explanation)")
      }
      return
    }
    output.json([
      "told": .object(told.mapValues { .integer(Int64($0)) }),
      "found": .object(flagged.mapValues { .integer(Int64($0)) }),
      "violations": .array(
        violations.map {
          [
            "seed": .integer(Int64(bitPattern: $0.seed)), "checker": .string($0.checker),
            "explanation": .string($0.explanation),
          ]
        }),
    ])
  }
}

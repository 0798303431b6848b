import Simulation
import Terminal

/// `satchel-sim run`: runs seeds and says what never should have been.
enum RunCommand {
  static let command = Command(
    name: ["run"],
    summary: "Run seeds, and report every violation.",
    details: """
      The same seed is the same run, byte for byte. Ends with exit code 1 on any violation. \
      --plant puts in a bug on purpose, to see that it is found; --plant list names them.
      """,
    options: RunOptions.shared + [
      .value("seeds", "A..B", help: "the seeds from A to B"),
      .value("every", "N", help: "of these each Nth: every fourth from 2 on restores its server"),
      .value("seed", "S", help: "one seed"),
      .value("threads", "N", help: "seeds at a time; by default one for each processor"),
      .flag("trace", help: "show what happens in the run; for one seed"),
      .flag("json", help: "the result as JSON"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws {
    let output = Output.standard
    if invocation.option("plant") == "list" {
      for bug in PlantedBug.all { output.line("\(bug.name)  \(bug.explanation)") }
      return
    }
    var options = try RunOptions.options(invocation)
    let range = try seeds(invocation)
    let stride = UInt64(try invocation.integer("every", in: 1...10_000) ?? 1)
    let seeds = range.filter { ($0 - range.lowerBound).isMultiple(of: stride) }
    let outcome: Outcome
    if invocation.flag("trace") {
      outcome = try trace(seeds, &options, output)
    } else {
      let batch = Batch(seeds: seeds, options: options)
      if let threadCount = try invocation.integer("threads", in: 1...256) {
        outcome = batch.run(threadCount: threadCount)
      } else {
        outcome = batch.run()
      }
    }
    show(outcome, seedCount: seeds.count, asJSON: invocation.flag("json"), output)
    guard outcome.violations.isEmpty else {
      throw Failure(
        "\(outcome.violations.count) violations",
        hint: "satchel-sim shrink --seed \(outcome.violations[0].seed)")
    }
  }

  // MARK: Arguments

  static func seeds(_ invocation: Invocation) throws(Failure) -> ClosedRange<UInt64> {
    if let text = invocation.option("seed") {
      guard let seed = UInt64(text), invocation.option("seeds") == nil else {
        throw Failure.usage("--seed is one number, without --seeds")
      }
      return seed...seed
    }
    let parts = (invocation.option("seeds") ?? "").split(separator: "..").map { UInt64($0) }
    guard parts.count == 2, let first = parts[0], let last = parts[1], first <= last else {
      throw Failure.usage("--seeds is two numbers: A..B")
    }
    return first...last
  }

  // MARK: Showing

  private static func trace(
    _ seeds: [UInt64], _ options: inout Run.Options, _ output: Output
  ) throws -> Outcome {
    guard seeds.count == 1, let seed = seeds.first else {
      throw Failure.usage("--trace is for one seed")
    }
    options.keepsTrace = true
    let outcome = try Run(seed: seed, options: options).perform()
    for line in outcome.trace { output.note(line) }
    output.note("trace \(outcome.traceHash.hex)")
    return outcome
  }

  private static func show(
    _ outcome: Outcome, seedCount: Int, asJSON: Bool, _ output: Output
  ) {
    if asJSON {
      output.json(json(outcome, seedCount: seedCount))
      return
    }
    let faults = outcome.faults.keys.sorted().map { "\(outcome.faults[$0] ?? 0) × \($0)" }
    output.line(
      "\(seedCount) seeds, \(outcome.eventCount) events, \(outcome.commitCount) commits")
    output.line("faults: \(faults.joined(separator: ", "))")
    for violation in outcome.violations {
      output.line("seed \(violation.seed): \(violation.checker): \(violation.explanation)")
    }
  }

  private static func json(_ outcome: Outcome, seedCount: Int) -> JSONValue {
    let faults = outcome.faults.mapValues { JSONValue.integer(Int64($0)) }
    let violations = outcome.violations.map { violation -> JSONValue in
      [
        "seed": .integer(Int64(bitPattern: violation.seed)),
        "checker": .string(violation.checker), "explanation": .string(violation.explanation),
      ]
    }
    return [
      "seeds": .integer(Int64(seedCount)), "events": .integer(Int64(outcome.eventCount)),
      "commits": .integer(Int64(outcome.commitCount)), "faults": .object(faults),
      "violations": .array(violations),
    ]
  }
}

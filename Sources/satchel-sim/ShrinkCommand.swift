import Simulation
import Terminal

/// `satchel-sim shrink`: makes a run that fails as small as it can be.
enum ShrinkCommand {
  static let command = Command(
    name: ["shrink"],
    summary: "Find a smaller run that fails in the same way.",
    details: """
      Leaves out steps as long as the run goes on violating what it violated, and shows what is \
      left: a trace, and the command that repeats it. Ends with exit code 1 if there is a violation.
      """,
    options: RunOptions.shared + [.value("seed", "S", help: "the seed of the run")],
    run: run)

  private static func run(_ invocation: Invocation) throws {
    let output = Output.standard
    guard let text = invocation.option("seed"), let seed = UInt64(text) else {
      throw Failure.usage("--seed is one number")
    }
    let options = try RunOptions.options(invocation)
    var shrinker = Shrinker(seed: seed, options: options)
    guard let result = try shrinker.shrink() else {
      output.line("seed \(seed) violates nothing")
      return
    }
    for line in result.outcome.trace { output.line(line) }
    output.note("\(result.steps.count) steps are left after \(result.runCount) runs")
    var command = ["satchel-sim run --seed \(seed)"]
    if let bug = options.plantedBug { command.append("--plant \(bug.name)") }
    if let count = options.replicaCount { command.append("--replicas \(count)") }
    if options.stepCount != Run.Options().stepCount {
      command.append("--steps \(options.stepCount)")
    }
    command.append("--only \(result.steps.map(String.init).joined(separator: ",")) --trace")
    throw Failure(
      "\(result.outcome.violations.count) violations", hint: command.joined(separator: " "))
  }
}

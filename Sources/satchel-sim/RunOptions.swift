import Simulation
import Terminal

/// What `run` and `shrink` have in common.
enum RunOptions {
  static let shared: [Option] = [
    .value("replicas", "N", help: "devices, 4 to 32; by default 4 to 6, as the seed says"),
    .value("steps", "N", help: "steps of people before the healing (60)"),
    .value("only", "N,N,…", help: "only the steps with these numbers"),
    .value("plant", "BUG", help: "put in a bug; “list” names them"),
  ]

  static func options(_ invocation: Invocation) throws -> Run.Options {
    var options = Run.Options()
    options.stepCount = try invocation.integer("steps", in: 1...100_000) ?? options.stepCount
    options.replicaCount = try invocation.integer("replicas", in: Cast.countRange)
    options.plantedBug = try plantedBug(invocation)
    options.only = try only(invocation)
    return options
  }

  private static func plantedBug(_ invocation: Invocation) throws(Failure) -> PlantedBug? {
    guard let name = invocation.option("plant") else { return nil }
    guard let bug = PlantedBug.named(name) else {
      throw Failure.usage("there is no bug \(name)", hint: "see --plant list")
    }
    return bug
  }

  private static func only(_ invocation: Invocation) throws(Failure) -> Set<Int>? {
    guard let text = invocation.option("only") else { return nil }
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.allSatisfy({ ($0 ?? -1) >= 0 }) else {
      throw Failure.usage("--only is a list of step numbers: 3,7,12")
    }
    return Set(numbers.compactMap(\.self))
  }
}

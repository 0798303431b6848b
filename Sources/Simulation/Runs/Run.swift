import Merge
import Replica
import SyncProtocol

/// One run of one seed: first trouble, with checks of what must never be; then healing, with checks of
/// what must come in the end.
package final class Run {
  package struct Options: Sendable {
    /// Steps of people before the healing.
    package var stepCount = 60
    /// Devices; by default a few, how many the seed says.
    package var replicaCount: Int?
    /// The steps that are taken, by their numbers; by default all.
    package var only: Set<Int>?
    package var plantedBug: PlantedBug?
    package var keepsTrace = false

    package init() {}
  }

  let seed: UInt64
  let options: Options
  let world: World
  var generator: SplitMix64
  var workload: Workload
  var trace: Trace
  var outcome = Outcome()
  /// All that devices acknowledged.
  var written: Set<Written> = []
  var history = History()
  var journals = JournalChecker()
  var contexts = ContextChecker()
  var consents = ConsentChecker()
  var nonces = NonceChecker()
  var stubs = CompactionChecker()
  var emergencies = EmergencyChecker()
  /// Recovery kits as they lie in drawers, in the order in which they were written.
  var papers: [PaperKit] = []
  /// Devices whose homes were lost for good, with what only they held.
  var lostDevices: Set<DeviceID> = []
  /// Whose homes came back empty, and had everything to read again.
  var returned: Set<String> = []
  var hasDeletedAccount = false
  /// Copies of homes that were taken out.
  var thieves: [Thief] = []
  /// Who is cut off, and for how many more steps.
  var partitions: [String: Int] = [:]
  /// What may go wrong at the moment, because of a fault.
  var tolerated: Set<ReplicaError> = []
  var hasPassedYear = false
  /// Whose home was put back from a backup: the numbers of their commits were used twice.
  var restored: Set<String> = []
  var serverWasRestored = false
  var isHealed = false
  /// What a space came to at a position, wherever it was seen first.
  var comeTo: [Place: (digest: String, owner: String)] = [:]

  struct Place: Hashable {
    let space: SpaceID
    let incarnation: UInt64
    let position: Position
    /// Who knows more types holds more of the same log.
    let typeCount: Int
  }

  package init(seed: UInt64, options: Options = Options()) throws {
    self.seed = seed
    self.options = options
    // Most races need no more than four; what comes with more people is in some of the runs.
    let count = options.replicaCount ?? [4, 4, 5, 4, 6][Int(seed % 5)]
    world = try SimulatedProcess.run { try World(seed: seed, cast: Cast(count: count)) }
    generator = SplitMix64(seed: seed)
    workload = Workload(
      world, seed: seed &+ 0x5eed, isCareless: options.plantedBug?.isCareless ?? false)
    trace = Trace(isKept: options.keepsTrace)
    try options.plantedBug?.plant(in: world)
  }

  /// In the order of their names.
  var parties: [Party] { world.parties.keys.sorted().map { world[$0] } }

  package func perform() throws -> Outcome { try SimulatedProcess.run { try performAll() } }

  private func performAll() throws -> Outcome {
    do {
      try performSteps()
    } catch {
      violate("error", ["the run ended early: \(error)"])
    }
    if !outcome.violations.isEmpty { try noteHomes() }
    try noteHeads()
    outcome.eventCount += parties.reduce(0) { $0 + $1.network.requestCount }
    outcome.trace = trace.lines
    outcome.traceHash = trace.hash
    return outcome
  }

  /// Stops at the first violation: what comes after it says little.
  private func performSteps() throws {
    for number in 0..<options.stepCount where outcome.violations.isEmpty {
      if options.only?.contains(number) ?? true { try step(number) }
    }
    if outcome.violations.isEmpty { try heal() }
    isHealed = true
    if outcome.violations.isEmpty { try checkEnd() }
  }

  // MARK: Noting

  func violate(_ checker: String, _ explanations: [String]) {
    for explanation in explanations {
      trace.note("violation: \(checker): \(explanation)")
      outcome.violations.append(
        Violation(seed: seed, checker: checker, explanation: explanation))
    }
  }

  func count(_ fault: String) { outcome.faults[fault, default: 0] += 1 }

  /// What is refused or cannot be done at once is nobody's mistake; anything else is.
  ///
  /// - Throws: a planned crash.
  func attempt(_ body: () throws -> String) throws -> String {
    do {
      return try body()
    } catch let error as ReplicaError {
      if tolerated.contains(error) { return "\(error)" }
      switch error {
      case .refused(let refusal): return "refused: \(refusal.code)"
      case .notReady, .notReachable, .notFound, .deviceRevoked, .ambiguous, .badInput, .fileNotHere,
        .keyChanged, .schemaOlder, .serverClock, .server(.sessionExpired),
        .server(.chainUnsettled):
        return "\(error)".replacing(CanaryChecker.canary, with: "")
      default: return unexpected(error)
      }
    } catch let denial as AccessDenial {
      if denial == .notFromClient { return unexpected(denial) }
      return "denied: \(denial)"
    } catch let crash as Crash {
      throw crash
    } catch {
      if let known = ReplicaError(cause: error), tolerated.contains(known) { return "\(known)" }
      return unexpected(error)
    }
  }

  private func unexpected(_ error: any Error) -> String {
    violate("error", ["\(error)"])
    return "\(error)"
  }
}

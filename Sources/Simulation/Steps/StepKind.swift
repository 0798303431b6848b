/// One kind of thing that happens in a run: somebody does something, or something goes wrong.
///
/// A new one is a value in a file of its own, beside what it does, and a line in ``all``.
struct StepKind: Weighted {
  let name: String
  /// How often, against the others.
  let weight: Int
  /// Does it to a party, or with it.
  ///
  /// - Returns: what happened, in a few words, for the trace.
  let perform: @Sendable (Run, Party) throws -> String

  init(
    _ name: String, weight: Int, perform: @escaping @Sendable (Run, Party) throws -> String
  ) {
    self.name = name
    self.weight = weight
    self.perform = perform
  }

  static let all: [StepKind] = [
    .act, .race, .sync, .syncLocked,
    .deviceRevoked, .memberRemoved, .epochRace,
    .recoveryKit, .emergency, .accountDeleted,
    .requestFault, .partition, .answersCut, .longAbsence,
    .deviceCrash, .crashBetweenRequests, .serverCrash, .serverRestart,
    .deviceDiskFull, .serverDiskFull, .blobDiskLost,
    .clockJump, .clockDrift, .writtenAhead, .longPause,
    .homeRestored, .homeCopied,
    .compaction, .upgrade,
  ]
}

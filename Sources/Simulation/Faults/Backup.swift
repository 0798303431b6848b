import Foundation

extension Party {
  private var backupPath: String { homePath + ".backup" }

  var hasBackup: Bool { FileManager.default.fileExists(atPath: backupPath) }

  /// The backup was on the machine that is gone.
  func removeBackup() throws {
    if hasBackup { try FileManager.default.removeItem(atPath: backupPath) }
  }

  /// Copies the home aside, as a backup program would between two commands.
  package func backUp() throws {
    close()
    if hasBackup { try FileManager.default.removeItem(atPath: backupPath) }
    try FileManager.default.copyItem(atPath: homePath, toPath: backupPath)
    try open()
  }

  /// Puts the home back as it was then; what happened since is not known to it.
  package func restoreBackup() throws {
    close()
    try FileManager.default.removeItem(atPath: homePath)
    try FileManager.default.copyItem(atPath: backupPath, toPath: homePath)
    try open()
  }
}

extension StepKind {
  /// One home becomes two, and both go on: whoever copied it does not know better.
  static let homeCopied = StepKind("home copied", weight: 1) { run, party in
    guard let copy = try run.world.copyHome(of: party) else {
      return "there is a copy already"
    }
    run.count("home copied")
    run.options.plantedBug?.plant(on: copy)
    // Both write under the same numbers before they notice.
    run.restored.formUnion([party.name, copy.name])
    run.contexts.forget(party.replica.identity.device)
    return copy.name
  }

  static let homeRestored = StepKind("home restored", weight: 2) { run, party in
    guard party.hasBackup else { return "no backup" }
    try party.restoreBackup()
    run.count("home restored")
    run.restored.insert(party.name)
    if run.serverWasRestored { run.journals.forget(party.replica.identity.device) }
    run.contexts.forget(party.replica.identity.device)
    try run.options.plantedBug?.afterRestore(party, run.world)
    // What was never sent is lost with the disk that it was on.
    let lost = try run.world.unaccounted(run.written.filter { $0.party == party.name })
    for (item, _) in lost { run.written.remove(item) }
    // Mostly its person goes on before it hears what it had sent.
    let done = run.generator.oneIn(3) ? "" : try run.act(party, times: 3) + "; " + run.sync(party)
    return "\(lost.count) lost; \(done)"
  }
}

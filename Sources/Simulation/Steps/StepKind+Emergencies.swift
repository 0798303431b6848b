import Merge
import Replica
import SyncProtocol

extension StepKind {
  /// From naming the team to the end of what was opened: mostly all of it, each part now and then not.
  static let emergency = StepKind("emergency", weight: 2) { run, _ in
    let clients = run.parties.filter { $0.role == .client }
    let members = run.parties.filter { $0.role == .practitioner }
    guard !clients.isEmpty, !members.isEmpty else { return "nobody for it" }
    let scene = EmergencyScene(
      run: run, client: run.generator.pick(clients), opener: run.generator.pick(members))
    var done = ["\(scene.client.name) and \(scene.opener.name)"]
    for part in EmergencyScene.parts where !run.generator.oneIn(8) {
      done.append(try run.attemptRemoval { try part(scene) })
      try run.noteWritten(by: scene.client)
      try run.noteWritten(by: scene.opener)
    }
    return done.joined(separator: "; ")
  }
}

/// A client who cannot be asked any more, and somebody who has to know what is in the vault.
private struct EmergencyScene {
  let run: Run
  let client: Party
  let opener: Party

  static let parts: [@Sendable (EmergencyScene) throws -> String] = [
    { try $0.name() }, { try $0.deposit() }, { try $0.open() }, { try $0.read() },
    { try $0.goOn() }, { try $0.read() }, { try $0.run.sync($0.client) },
  ]

  private func name() throws -> String {
    let admin = run.world.admin
    guard try admin.replica.emergencyTeam() == nil else { return "named" }
    try admin.replica.nameEmergencyTeam(run.world.facts.team, admin.network)
    return "names the team; " + (try run.sync(client))
  }

  private func deposit() throws -> String {
    if try !client.replica.wantsEmergencyDeposit() {
      try client.replica.turnOnEmergencyDeposit()
    }
    return "deposit; \(try run.sync(client)); \(try run.sync(opener))"
  }

  private func open() throws -> String {
    let reason = run.workload.text() + ", and nobody can be asked"
    let deposit = try opener.replica.openEmergency(
      of: client.account, kind: run.generator.pick(["medical", "other"]), reason: reason,
      hours: 1 + run.generator.below(24), opener.network)
    run.count("emergency")
    return "opened: \(deposit.phase)"
  }

  private func read() throws -> String {
    let vault = try opener.replica.emergencyVault(of: client.account, opener.network)
    let now = run.world.clock.now
    run.violate("emergency", try run.emergencies.reading(client.account, opener, now, run.world))
    let tree = try vault.tree()
    let files = tree.descendants(of: nil).filter { $0.kind == .file }.map { tree.path(of: $0.id) }
    guard !files.isEmpty else { return "an empty vault" }
    let report = try vault.get(
      [run.generator.pick(files)], to: "\(run.world.folder.path)/disk/emergency",
      overwrite: true)
    return "read \(report.items.count) of \(files.count) files, \(report.problems.map(\.error))"
  }

  /// What may end it, or may be tried to make it longer.
  private func goOn() throws -> String {
    let hour: UInt64 = 60 * 60 * 1000
    switch run.generator.below(6) {
    case 0:
      run.world.clock.advance(milliseconds: UInt64(1 + run.generator.below(30)) * hour)
      return "hours pass"
    case 1:
      try client.replica.turnOffEmergencyDeposit()
      return "taken back; \(try run.sync(client))"
    case 2, 3:
      let party = run.generator.oneIn(2) ? client : opener
      _ = try run.sync(party)
      try party.replica.closeEmergency(of: client.account)
      return "closed by \(party.name); \(try run.sync(party))"
    case 4:
      opener.clock.offsetMilliseconds = -30 * Int64(hour)
      run.world.clock.advance(milliseconds: 25 * hour)
      try run.world.restartServer()
      return "a day passes, and \(opener.name)'s clock says that none has"
    default: return "nothing ends it"
    }
  }
}

import Foundation
import Merge
import Replica
import Sealing
import SyncProtocol

/// A recovery kit as it lies in a drawer.
struct PaperKit {
  let keys: KitKeys
  let code: KitCode
  let device: DeviceID
}

extension StepKind {
  /// A kit is made, replaced, tried, or brings a home back that was lost.
  static let recoveryKit = StepKind("recovery kit", weight: 2) { run, party in
    let owner = try run.ownerOfPaper(but: party)
    let own = run.papers.filter { $0.code.account == owner.account }
    guard let newest = own.last else { return "\(owner.name) " + (try run.makeKit(owner)) }
    // Mostly the one that may count; now and then one that was replaced.
    let paper = run.generator.oneIn(4) ? run.generator.pick(own) : newest
    switch run.generator.below(5) {
    case 0:
      let made = try run.makeKit(owner)
      guard run.generator.oneIn(2) else { return "\(owner.name) \(made)" }
      run.world.clock.advance(milliseconds: 8 * 24 * 60 * 60 * 1000)
      return "\(owner.name) \(made), eight days pass, \(try run.sync(owner))"
    case 1: return "\(owner.name) " + (try run.drill(paper, owner))
    default: return "\(owner.name) " + (try run.restore(owner, with: paper))
    }
  }
}

extension Run {
  /// Mostly somebody who has a kit already, or nothing would ever come of one.
  fileprivate func ownerOfPaper(but party: Party) throws -> Party {
    let owners = parties.filter { party in
      papers.contains { $0.code.account == party.account }
    }
    return owners.isEmpty || generator.oneIn(4) ? party : generator.pick(owners)
  }

  fileprivate func makeKit(_ party: Party) throws -> String {
    try attemptRemoval {
      let standing = try party.replica.makeKit(party.network) { kit in
        guard let keys = KitKeys(entropy: kit.entropy) else {
          preconditionFailure("a new kit has its entropy")
        }
        papers.append(PaperKit(keys: keys, code: kit.code, device: kit.device))
      }
      count("kit made")
      return standing.counts ? "a kit" : "a kit that waits"
    }
  }

  fileprivate func drill(_ paper: PaperKit, _ party: Party) throws -> String {
    try attempt {
      do {
        let drill = try Replica.drill(paper.keys, paper.code, transport: party.network)
        return "drill: \(drill.counts ? "counts" : "waits"), \(drill.accountKeyCount) keys"
      } catch ReplicaError.kitRefused(let problem) {
        return "drill: \(problem)"
      }
    }
  }

  /// A machine is lost with all that was on it, and an empty one takes its place. Where the kit does not
  /// let it in the old one is found again.
  fileprivate func restore(_ party: Party, with paper: PaperKit) throws -> String {
    let lost = party.replica.identity.device
    if try !party.replica.wasRevoked() { try keepThief(of: party) }
    let aside = party.homePath + ".lost"
    party.close()
    try FileManager.default.moveItem(atPath: party.homePath, toPath: aside)
    let faulty = generator.oneIn(3) ? generator.below(14) : nil
    let first = party.network.requestCount
    party.network.fault = { number, _ in
      number - first == faulty ? (number % 2 == 0 ? .loseRequest : .loseResponse) : .none
    }
    var done = ""
    for _ in 0..<2 where done.isEmpty || done.contains("notReachable") {
      done = try attempt { try restoreOnce(party, paper) }
    }
    party.network.fault = { _, _ in .none }
    guard done == "restored" else {
      if FileManager.default.fileExists(atPath: party.homePath) {
        try FileManager.default.removeItem(atPath: party.homePath)
      }
      try FileManager.default.moveItem(atPath: aside, toPath: party.homePath)
      try party.open()
      return done
    }
    try FileManager.default.removeItem(atPath: aside)
    try party.removeBackup()
    count("kit used")
    return try "\(done); \(goOn(party, without: lost))"
  }

  private func restoreOnce(_ party: Party, _ paper: PaperKit) throws -> String {
    do {
      var home: Home?
      if Home.exists(at: party.homePath) {
        let begun = try Home.open(at: party.homePath)
        if try Replica.isRestoring(begun) { home = begun } else { try begun.remove() }
      }
      let empty = try home ?? Home.create(at: party.homePath)
      let replica = try party.withPassword { password in
        try Replica.restore(
          home: empty, password: password, kit: paper.keys, code: paper.code,
          transport: party.network, environment: party.environment)
      }
      try party.adopt(replica)
    } catch ReplicaError.kitRefused(let problem) {
      return "refused: \(problem)"
    }
    return "restored"
  }

  private func goOn(_ party: Party, without lost: DeviceID) throws -> String {
    // It knows the record types that its program knows.
    try party.reopen()
    lostDevices.insert(lost)
    returned.insert(party.name)
    var done = [try sync(party)]
    for (item, _) in try world.unaccounted(written.filter { $0.party == party.name }) {
      written.remove(item)
    }
    if generator.oneIn(2) {
      done.append(
        try attemptRemoval {
          try party.replica.revokeDevice(lost, party.network)
          count("device revoked")
          return "the lost one is taken out"
        })
    }
    return done.joined(separator: "; ")
  }
}

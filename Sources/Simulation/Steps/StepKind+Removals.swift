import Foundation
import Merge
import Replica
import SyncProtocol

/// Devices and members who are taken out, and the keys that have to be replaced then.
extension StepKind {
  /// A device is lost while its person, or who has it now, goes on writing.
  static let deviceRevoked = StepKind("device revoked", weight: 2) { run, party in
    guard let lost = try run.otherDevice(of: party) else { return "no other device" }
    var done = ["\(lost.name) by \(party.name)"]
    if run.generator.oneIn(2) { done.append(try run.act(lost, times: 2)) }
    try run.keepThief(of: lost)
    done.append(
      try run.attemptRemoval {
        try party.replica.revokeDevice(lost.replica.identity.device, party.network)
        run.count("device revoked")
        return "revoked"
      })
    if run.generator.oneIn(2) { done.append(try run.act(lost, times: 2)) }
    for other in [party, lost] where run.generator.oneIn(2) { done.append(try run.sync(other)) }
    return done.joined(separator: "; ")
  }

  /// A member is taken out of the team, and let in again after a while.
  static let memberRemoved = StepKind("member removed", weight: 3) { run, _ in
    guard let member = run.pickMember() else { return "no member" }
    let admin = run.world.admin
    var done = [member.name]
    if run.generator.oneIn(2) { done.append(try run.act(member, times: 2)) }
    try run.keepThief(of: member)
    done.append(
      try run.attemptRemoval {
        try admin.replica.remove(member.account, from: run.world.facts.team, admin.network)
        run.count("member removed")
        return "removed"
      })
    for _ in 0..<run.generator.below(4) {
      let other = run.generator.pick(run.parties)
      done.append("\(other.name) " + (try run.act(other, times: 1)))
      done.append(try run.sync(other))
    }
    if run.generator.oneIn(3) { done.append(try run.letIn(member)) }
    return done.joined(separator: "; ")
  }

  /// Two devices know that an epoch is owed, and make it at the same moment.
  static let epochRace = StepKind("epochs at once", weight: 4) { run, _ in
    let clients = run.parties.filter { $0.role == .client }
    let others = run.parties.filter { $0.role == .practitioner }
    guard !clients.isEmpty, !others.isEmpty else { return "nobody for it" }
    let (first, second) = (run.generator.pick(clients), run.generator.pick(others))
    var done = [first.name, second.name]
    // Somebody who was proposed and never worked comes and goes: the keys are owed.
    done.append(try run.attemptRemoval { try run.oweKeys(first, second) })
    var isDue = true
    second.network.fault = { _, request in
      guard request.path == Path.wraps, isDue else { return .none }
      isDue = false
      // What the first one comes to is told by the checks.
      do { _ = try run.sync(first) } catch { run.violate("error", ["\(error)"]) }
      return .none
    }
    done.append(try run.sync(second))
    second.network.fault = { _, _ in .none }
    if !isDue { run.count("epoch race") }
    done.append(try run.sync(first))
    return done.joined(separator: "; ")
  }
}

extension Run {
  /// Another device of the same account that was not taken out; `nil` where it is the only one.
  fileprivate func otherDevice(of party: Party) throws -> Party? {
    guard try !party.replica.wasRevoked() else { return nil }
    let others = try parties.filter {
      try $0.account == party.account && !$0.replica.wasRevoked()
        && $0.replica.identity.device != party.replica.identity.device
    }
    return others.isEmpty ? nil : generator.pick(others)
  }

  fileprivate func pickMember() -> Party? {
    let members = parties.filter { $0.role == .practitioner && cast($0)?.person == nil }
    return members.isEmpty ? nil : generator.pick(members)
  }

  private func cast(_ party: Party) -> Cast.Member? {
    world.cast.members.first { $0.name == party.name }
  }

  /// What others may have done first is nobody's mistake.
  func attemptRemoval(_ body: () throws -> String) throws -> String {
    try attempt {
      do {
        return try body()
      } catch ReplicaError.server(let code) where Self.lateCodes.contains(code) {
        return "too late: \(code)"
      }
    }
  }

  private static var lateCodes: Set<ErrorCode> {
    [.chainSuperseded, .notAllowed, .malformed, .deviceRevoked]
  }

  /// Two people know of a removal that was not followed by an epoch: the practitioner's team makes its
  /// next key, and nobody the next epochs.
  fileprivate func oweKeys(_ client: Party, _ member: Party) throws -> String {
    let devices = try otherDevice(of: client).map { [$0] } ?? []
    guard let lost = devices.first else { return "no device to lose" }
    try keepThief(of: lost)
    try client.replica.revokeDevice(lost.replica.identity.device, client.network)
    count("device revoked")
    for party in [client, member] {
      party.replica.lock()
      _ = try sync(party)
      try party.unlock()
    }
    return "\(lost.name) revoked"
  }

  /// An administrator proposes somebody, and a member lets them in, or they begin the team anew.
  func letIn(_ person: Party) throws -> String {
    let (admin, team) = (world.admin, world.facts.team)
    return try attemptRemoval {
      _ = try admin.sync()
      guard let known = try admin.replica.teams().first(where: { $0.id == team }),
        !known.members.contains(person.account)
      else { return "in already" }
      if !known.proposed.contains(person.account) {
        try admin.replica.propose(person.account, for: team, admin.network)
      }
      let present = try parties.filter { try !$0.replica.wasRevoked() }
      if let member = present.first(where: { known.members.contains($0.account) }) {
        _ = try member.sync()
        try member.replica.admit(person.account, to: team, member.network)
      } else if let own = present.first(where: { $0.account == person.account }) {
        _ = try own.sync()
        try own.replica.startTeam(team, own.network)
      }
      return "\(person.name) is in again"
    }
  }

  /// For healing: a team without members owes a key that nobody can make.
  func restoreTeam() throws {
    let members = world.cast.people(.practitioner).map { world[$0] }
    // Those that were taken out learn it first.
    for party in parties where party.role == .practitioner { _ = try sync(party) }
    for member in members { trace.note("healing \(try letIn(member))") }
  }

  /// What is owed after everybody has synced, and could be paid by who owes it.
  func owed() throws -> [String] {
    try parties.flatMap { party in
      try party.replica.keyDebt().filter(\.isOwn).map { "\(party.name) owes \($0.subject)" }
    }
  }
}

import Merge
import Replica

/// Two people who do things to the same thing at the same time, neither knowing of the other.
struct Race: Weighted {
  typealias Doing = @Sendable (inout Workload, Party) throws -> String

  let name: String
  let weight: Int
  let first: (isFor: @Sendable (Party) -> Bool, perform: Doing)
  let second: (isFor: @Sendable (Party) -> Bool, perform: Doing)

  /// What people would lose sleep over (design §4, `docs/merge.md`).
  static let all: [Race] = [
    Race(
      name: "two editors", weight: 3,
      first: (Action.bothSides, { try $0.escalate($1) }),
      second: (Action.bothSides, { try $0.escalate($1) })),
    Race(
      name: "close against reopen", weight: 3,
      first: (Action.clients, { try $0.takeStep($1, towards: ["close", "reopen"]) }),
      second: (Action.bothSides, { try $0.takeStep($1, towards: ["reopen", "resolve"]) })),
    Race(
      name: "delete against edit", weight: 2,
      first: (Action.practitioners, { try $0.deleteTicket($1) }),
      second: (Action.bothSides, { try $0.editTicket($1) })),
    Race(
      name: "delete against a child", weight: 2,
      first: (Action.practitioners, { try $0.deleteTicket($1) }),
      second: (Action.bothSides, { try $0.comment($1) })),
    Race(
      name: "revoke against grant", weight: 3,
      first: (Action.clients, { try $0.withdraw($1) }),
      second: (Action.clients, { try $0.approve($1) })),
    Race(
      name: "withdraw against grant", weight: 1,
      first: (Action.practitioners, { try $0.withdraw($1) }),
      second: (Action.bothSides, { try $0.approve($1) })),
    Race(
      name: "revoke against write", weight: 2,
      first: (Action.clients, { try $0.withdraw($1) }),
      second: (Action.practitioners, { try $0.note($1) })),
    Race(
      name: "terms against approval", weight: 2,
      first: (Action.admins, { try $0.changeTerms($1) }),
      second: (Action.bothSides, { try $0.approve($1) })),
    Race(
      name: "permission against use", weight: 2,
      first: (Action.clients, { try $0.shrink($1) }),
      second: (Action.practitioners, { try $0.note($1) })),
    Race(
      name: "share against revoke", weight: 2,
      first: (Action.clients, { try $0.share($1) }),
      second: (Action.bothSides, { try $0.withdraw($1) })),
    Race(
      name: "consent anew", weight: 3,
      first: (
        Action.clients,
        {
          let withdrawn = try $0.withdraw($1)
          return try withdrawn + ", " + $0.approve($1)
        }
      ),
      second: (Action.bothSides, { try $0.approve($1) })),
  ]
}

extension StepKind {
  static let race = StepKind("race", weight: 10) { run, _ in
    let race = run.generator.pickWeighted(Race.all)
    guard let first = run.pick(race.first.isFor, but: nil),
      let second = run.pick(race.second.isFor, but: first)
    else { return "nobody for it" }
    // Mostly from a common ground; now and then one of them is behind.
    _ = try run.attempt {
      if first.role != .admin { run.workload.focus = try run.workload.pickTicket(first) }
      return ""
    }
    defer { run.workload.focus = nil }
    for party in [first, second] where !run.generator.oneIn(5) { _ = try run.sync(party) }
    var done: [String] = []
    for (party, perform) in [(first, race.first.perform), (second, race.second.perform)] {
      let what = try run.attempt { try perform(&run.workload, party) }
      done.append("\(party.name) \(what)")
    }
    let order = run.generator.oneIn(2) ? [first, second] : [second, first]
    for party in order where !run.generator.oneIn(4) {
      done.append("\(party.name) \(try run.sync(party))")
    }
    return "\(race.name): \(done.joined(separator: "; "))"
  }
}

extension Run {
  /// Somebody whom it is for, and not the same one twice.
  fileprivate func pick(_ isFor: (Party) -> Bool, but other: Party?) -> Party? {
    let able = parties.filter { isFor($0) && $0.name != other?.name }
    return able.isEmpty ? nil : generator.pick(able)
  }
}

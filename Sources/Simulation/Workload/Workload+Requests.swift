import Merge
import Replica

extension Action {
  static let requests: [Action] = [
    Action("request", weight: 2, for: practitioners) { try $0.request($1) },
    Action("approveRequest", weight: 1, for: clients) { try $0.approveRequest($1) },
    Action("denyRequest", weight: 1, for: clients) { try $0.denyRequest($1) },
    Action("withdrawRequest", weight: 1, for: practitioners) { try $0.withdrawRequest($1) },
  ]
}

/// Asking for access, and the answers.
extension Workload {
  mutating func request(_ party: Party) throws -> String {
    let clients = Set(try party.replica.assignments().map(\.client)).sorted()
    guard !clients.isEmpty else { return "" }
    let known = try party.replica.sharesReceived()
    let name = known.isEmpty || generator.oneIn(3) ? nil : generator.pick(known).name
    _ = try party.replica.requestAccess(
      to: generator.pick(clients), name: name, reason: text())
    return "access"
  }

  /// To a file of the client's choice.
  mutating func approveRequest(_ party: Party) throws -> String {
    guard let request = try pickRequest(party), let path = try pickFile(party) else { return "" }
    let until = generator.oneIn(3) ? party.clock.now + 3_600_000 : nil
    let approved = try party.replica.approve(request, paths: [path], untilMilliseconds: until)
    return "\(approved.files.count)"
  }

  mutating func denyRequest(_ party: Party) throws -> String {
    guard let request = try pickRequest(party) else { return "" }
    try party.replica.deny(request, message: generator.oneIn(2) ? text() : nil)
    return request.shortID
  }

  mutating func withdrawRequest(_ party: Party) throws -> String {
    guard let request = try pickRequest(party) else { return "" }
    try party.replica.withdraw(request)
    return request.shortID
  }

  /// Mostly one that waits; now and then one that is answered already, which is refused.
  private mutating func pickRequest(_ party: Party) throws -> AccessRequest? {
    let all = try party.replica.accessRequests()
    let open = all.filter { $0.state == .requested }
    let choices = open.isEmpty || generator.oneIn(8) ? all : open
    return choices.isEmpty ? nil : generator.pick(choices)
  }
}

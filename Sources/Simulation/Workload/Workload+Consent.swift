import CBOR
import Merge
import Replica

extension Action {
  static let consent: [Action] = [
    Action("decide", weight: 4, for: bothSides) { try $0.decide($1) },
    Action("changeTerms", weight: 4, for: admins) { try $0.changeTerms($1) },
    Action("assignAgain", weight: 1, for: admins) { try $0.assignAgain($1) },
  ]
}

extension Workload {
  /// Assignments of one pair, beyond which no more are made.
  private static var assignmentCountMax: Int { 3 }

  mutating func decide(_ party: Party) throws -> String {
    // More often yes, or there would be nothing to take back.
    switch generator.below(6) {
    case 0..<3: try approve(party)
    case 3..<5: try withdraw(party)
    default: try decide("declined", party, terms: nil)
    }
  }

  /// To what the device shows, which may not be what stands by now.
  mutating func approve(_ party: Party) throws -> String {
    let terms = generator.oneIn(2) ? makeTerms() : nil
    return try decide(
      party.role == .practitioner ? "accepted" : "approved", party, terms: terms)
  }

  mutating func withdraw(_ party: Party) throws -> String {
    try decide(party.role == .practitioner ? "withdrawn" : "revoked", party, terms: nil)
  }

  /// To less than before.
  mutating func shrink(_ party: Party) throws -> String {
    try decide(
      party.role == .practitioner ? "accepted" : "approved", party,
      terms: ConsentTerms(permissions: [.viewFiles], untilMilliseconds: nil))
  }

  private mutating func decide(
    _ word: String, _ party: Party, terms: ConsentTerms?
  ) throws -> String {
    let own = try party.replica.assignments().filter {
      $0.client == party.account || $0.practitioner == party.account
    }
    guard !own.isEmpty else { return "" }
    // Mostly the latest: of those before it little is left to be said.
    let assignment = generator.oneIn(4) ? generator.pick(own) : own[own.count - 1]
    try party.replica.decide(word, on: assignment, terms: terms)
    return word
  }

  mutating func changeTerms(_ party: Party) throws -> String {
    let assignments = try party.replica.assignments()
    guard !assignments.isEmpty else { return "" }
    let assignment = generator.pick(assignments)
    let terms = makeTerms()
    _ = try party.replica.write(
      Draft([
        Draft.Change(
          .update, Consent.type, assignment.record,
          [.init(Consent.termsKey, .map(CBORMap(terms.entries)))])
      ]), in: assignment.space)
    return terms.permissions.map(\.rawValue).joined(separator: ",")
  }

  private mutating func makeTerms() -> ConsentTerms {
    let permissions = generator.pick([
      [Permission.viewFiles, .downloadFiles, .addNotes], [.viewFiles, .addNotes], [.viewFiles],
      Permission.allCases,
    ])
    let end = generator.oneIn(4) ? world.clock.now + UInt64(generator.below(4)) * 3_600_000 : nil
    return ConsentTerms(permissions: permissions, untilMilliseconds: end)
  }

  /// The same two people once more, for a consent that starts anew.
  mutating func assignAgain(_ party: Party) throws -> String {
    let assignments = try party.replica.assignments()
    guard !assignments.isEmpty else { return "" }
    let old = generator.pick(assignments)
    let count = assignments.count {
      $0.client == old.client && $0.practitioner == old.practitioner
    }
    guard count < Self.assignmentCountMax else { return "enough" }
    _ = try party.replica.assign(
      practitioner: old.practitioner, client: old.client, terms: makeTerms(), party.network)
    return "number \(count + 1)"
  }
}

import CBOR
import Merge
import Replica

extension Action {
  static let consent: [Action] = [
    Action("decide", weight: 4, for: bothSides) { try $0.decide($1) },
    Action("changeTerms", weight: 2, for: admins) { try $0.changeTerms($1) },
    Action("request", weight: 2, for: practitioners) { try $0.request($1) },
  ]
}

extension Workload {
  mutating func decide(_ party: Party) throws -> String {
    let yes = party.role == .practitioner ? "accepted" : "approved"
    let no = party.role == .practitioner ? "withdrawn" : "revoked"
    // More often yes, or there would be nothing to take back.
    let word = generator.pick([yes, yes, yes, no, no, "declined"])
    let assignment = try party.replica.assignment(with: nil)
    let terms = word == yes && generator.oneIn(2) ? makeTerms() : nil
    try party.replica.decide(word, on: assignment, terms: terms)
    return word
  }

  mutating func changeTerms(_ party: Party) throws -> String {
    guard let assignment = try party.replica.assignments().last else { return "" }
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

  /// The practitioner asks for access in the engagement.
  mutating func request(_ party: Party) throws -> String {
    guard let space = try party.replica.engagement(of: world.facts.assignment) else { return "" }
    let state = CBORMap([(.text("state"), .text("requested"))])
    let change = Draft.Change(
      .create, "access_request", recordID(party),
      [.init("reason", .text(text())), .init("state", .map(state))])
    _ = try party.replica.write(Draft([change]), in: space)
    return "access"
  }
}

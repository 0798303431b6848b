import Database
import Merge
import Replica
import Schemas

/// A record type of the organisation, in versions of which each has one field more.
enum DeclaredVisit {
  static func name(of organisation: OrganisationID) -> String {
    "x_visit" + OrganisationTypeCheck.ending(of: organisation)
  }

  /// - Parameter fieldCount: how many fields it has that came later.
  static func file(of organisation: OrganisationID, fieldCount: Int) -> [UInt8] {
    let later = (0..<fieldCount).map { #""f\#($0)": { "kind": "text", "rule": "latest" },"# }
    return Array(
      """
      {
        "type": "\(name(of: organisation))", "space": "casework",
        "concurrent_delete": "edit_wins", "history": "keep",
        "fields": {
          \(later.joined())
          "reason": { "kind": "text", "rule": "latest", "sealed": true },
          "rooms": { "kind": "set", "of": "text", "rule": "add_wins" },
          "answer": {
            "kind": "enum", "values": ["no", "yes"], "rule": "revoke_wins", "order": ["no", "yes"]
          }
        },
        "create": ["contact", "staff"], "delete": ["staff"]
      }
      """.utf8)
  }
}

extension Action {
  /// Nobody begins with it by chance: a run that is about it declares the first version.
  private static let declared: @Sendable (Party) -> Bool = { party in
    party.replica.store.schema.types.contains { RecordType.isOfOrganisation($0.name) }
  }

  private static let visitors: @Sendable (Party) -> Bool = { bothSides($0) && declared($0) }
  private static let declarers: @Sendable (Party) -> Bool = { admins($0) && declared($0) }

  static let declaredTypes: [Action] = [
    Action("visit", weight: 12, for: visitors) { try $0.visit($1) },
    Action("declareNext", weight: 6, for: declarers) { try $0.declareNext($1) },
  ]
}

extension Workload {
  private static let fieldCountMax = 12

  /// The next version of the type; needs the server.
  mutating func declareNext(_ party: Party) throws -> String {
    guard let declared = try party.replica.declaredTypes().first else { return "" }
    let count = declared.type.fields.count { $0.name.hasPrefix("f") }
    guard count < Self.fieldCountMax else { return "" }
    let file = DeclaredVisit.file(of: world.facts.organisation, fieldCount: count + 1)
    _ = try party.replica.declareType(file, party.network)
    return "\(count + 1) fields"
  }

  /// Makes, changes or deletes a record of the type, as far as this device knows it.
  mutating func visit(_ party: Party) throws -> String {
    let spaces = try party.replica.caseworkSpaces()
    guard !spaces.isEmpty else { return "" }
    let space = generator.pick(spaces).id
    let type = try party.replica.declaredType(
      named: DeclaredVisit.name(of: world.facts.organisation))
    let all = try party.replica.database.rows(
      "SELECT record FROM \"\(type.name)\" WHERE space = ? ORDER BY record",
      .integer(try party.replica.store.number(of: space))
    ) { RecordID($0.blob(0)) }.compactMap(\.self)
    guard !all.isEmpty, !generator.oneIn(4) else {
      _ = try party.replica.newRecord(of: type, [.init("reason", text())], in: space)
      return "new"
    }
    let record = generator.pick(all)
    if generator.oneIn(8) {
      try party.replica.write(Draft([.init(.delete, type.name, record)]), in: space)
      return "delete"
    }
    let change = visitChange(type)
    try party.replica.setRecord(party.replica.record(named: record.hex), [change])
    return change.field
  }

  private mutating func visitChange(_ type: RecordType) -> Replica.FieldText {
    switch generator.below(4) {
    case 0: return .init("reason", text())
    case 1: return .init("answer", generator.pick(["no", "yes"]))
    case 2: return .init("rooms/\(generator.pick(["a", "b"]))", generator.pick(["no", "yes"]))
    default:
      let later = type.fields.map(\.name).filter { $0.hasPrefix("f") }
      return later.isEmpty
        ? .init("reason", text())
        : .init(generator.pick(later), "\(generator.below(100))")
    }
  }
}

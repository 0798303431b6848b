import CBOR
import Merge
import Replica
import Schemas
import Simulation
import SyncProtocol

/// A practice on the disk that is measured, whose organisation has declared a record type of eight
/// fields for each way to write them.
struct Practice {
  /// Which of the eight fields are sealed.
  enum Sealing: String, CaseIterable {
    case none = "x_open"
    case two = "x_sealed"
  }

  let world: World
  private let names: [Sealing: String]
  private let ids = RisingIDs()

  /// - Parameter names: whose homes are opened; the administrator's is always.
  init(_ names: [String] = ["client", "practitioner"], in folder: String) throws {
    world = try World(cast: .small, opening: ["admin"] + names, in: folder)
    var types: [Sealing: String] = [:]
    for sealing in Sealing.allCases {
      let file = Self.file(sealing, world.facts.organisation)
      types[sealing] = try world.admin.replica.declareType(file, world.admin.network)
    }
    self.names = types
    try world.settle(["admin"] + names)
    for party in world.parties.values { party.network.reset() }
  }

  private static func file(_ sealing: Sealing, _ organisation: OrganisationID) -> [UInt8] {
    let sealed = sealing == .two ? #", "sealed": true"# : ""
    return Array(
      """
      {
        "type": "\(sealing.rawValue)\(OrganisationTypeCheck.ending(of: organisation))",
        "space": "casework", "concurrent_delete": "edit_wins", "history": "compact",
        "fields": {
          "a": { "kind": "text", "rule": "latest"\(sealed) },
          "b": { "kind": "text", "rule": "latest"\(sealed) },
          "c": { "kind": "text", "rule": "latest" },
          "d": { "kind": "text", "rule": "latest" },
          "e": { "kind": "text", "rule": "latest" },
          "f": { "kind": "integer", "rule": "latest" },
          "g": { "kind": "integer", "rule": "latest" },
          "h": { "kind": "text", "rule": "latest" }
        },
        "create": ["contact", "staff"], "delete": ["staff"]
      }
      """.utf8)
  }

  func type(_ sealing: Sealing) -> String {
    guard let name = names[sealing] else { preconditionFailure("each was declared") }
    return name
  }

  /// New records, each with the same eight values as a row of ``PlainSQLite``.
  func draft(_ sealing: Sealing, _ count: Int, _ party: Party) -> Draft {
    let type = type(sealing)
    return Draft(
      (0..<count).map { number in
        Draft.Change(.create, type, ids.next(), Self.writes(UInt64(number)))
      })
  }

  static func writes(_ number: UInt64) -> [Draft.Write] {
    ["a", "b", "c", "d", "e", "h"].map { Draft.Write($0, .text("some words here")) }
      + [Draft.Write("f", .unsigned(number)), Draft.Write("g", .unsigned(number &* 7))]
  }

  /// New records, as many a commit as one holds.
  func drafts(_ count: Int, _ sealing: Sealing, _ party: Party) -> [Draft] {
    stride(from: 0, to: count, by: Commit.changeCountMax).map {
      draft(sealing, min(count - $0, Commit.changeCountMax), party)
    }
  }

  /// Writes records into the casework, as many a commit as one holds.
  func write(_ count: Int, _ sealing: Sealing, by party: Party) throws {
    for draft in drafts(count, sealing, party) {
      try party.replica.write(draft, in: world.facts.casework)
    }
  }
}

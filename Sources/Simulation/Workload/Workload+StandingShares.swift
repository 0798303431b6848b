import Merge
import Replica

extension Action {
  static let standingShares: [Action] = [
    Action("shareStanding", weight: 2, for: clients) { try $0.shareStanding($1) },
    Action("revokeStanding", weight: 1, for: clients) { try $0.revokeStanding($1) },
  ]
}

/// Folders and vaults that are shared with what comes into them.
extension Workload {
  private static let targets: [String?] = ["docs", "docs", nil]

  mutating func shareStanding(_ party: Party) throws -> String {
    let people = Set(try party.replica.assignments().map(\.practitioner)).sorted()
    guard !people.isEmpty else { return "" }
    let target = generator.pick(Self.targets)
    let end = generator.oneIn(6) ? party.clock.now + 7_200_000 : nil
    let count = try party.replica.shareStanding(
      target, with: generator.pick(people), untilMilliseconds: end,
      permissions: generator.pick([[.downloadFiles], []]),
      graceMilliseconds: generator.oneIn(3) ? Replica.defaultGraceMilliseconds : nil)
    return "\(target ?? "all"): \(count)"
  }

  mutating func revokeStanding(_ party: Party) throws -> String {
    let standing = try party.replica.standingItems()
    guard !standing.isEmpty else { return "" }
    let item = generator.pick(standing)
    guard let path = item.path, item.isThere, generator.oneIn(2) else {
      return "all: \(try party.replica.revokeAll(from: item.practitioner).count)"
    }
    return "\(path): \(try party.replica.revoke(path, from: item.practitioner).count)"
  }
}

import Database
import Merge
import Replica

/// Once all is well, a member's device holds the key of every epoch of its spaces, and none that no log
/// ever had: of two that were made at once one is nobody's.
struct KeyRingChecker {
  let party: Party
  /// Epoch keys that anybody holds: what a team lost with all of its members is nobody's.
  let heldByAnybody: Set<String>

  static func held(by parties: [Party]) throws -> Set<String> {
    Set(
      try parties.flatMap { party in
        try party.replica.database.rows(
          "SELECT name FROM key_ring WHERE substr(name, 1, 6) = 'epoch/'"
        ) { $0.text(0) }
      })
  }

  func problems() throws -> [String] {
    var found: [String] = []
    for space in try party.presentSpaces() {
      let state = try party.replica.store.state(space)
      guard let role = state.role(of: party.account), state.ended == nil,
        state.kind != .assignment, role != .admin
      else { continue }
      let known = Set(state.epochs.map { "epoch/\(space.hex)/\($0.id.hex)" })
      let held = try party.replica.database.rows(
        "SELECT name FROM key_ring WHERE substr(name, 1, ?) = ?",
        .integer(Int64("epoch/\(space.hex)/".utf8.count)), .text("epoch/\(space.hex)/")
      ) { $0.text(0) }
      let lost = Set(try party.replica.lostEpochs(in: space).map { "epoch/\(space.hex)/\($0.hex)" })
      for name in held.sorted() where !known.contains(name) && !lost.contains(name) {
        found.append("\(party.name) keeps a key that no log has: \(name)")
      }
      // A team that lost all of its members began anew; who has not noticed holds what it lost. So it is
      // in casework where nobody else is left.
      let isTeamAlone = !state.presentMembers.contains { state.role(of: $0) == .contact }
      if state.kind == .team || state.kind == .casework && isTeamAlone { continue }
      for name in known.subtracting(held).intersection(heldByAnybody).sorted() {
        found.append("\(party.name) lacks \(name)")
      }
    }
    return found
  }
}

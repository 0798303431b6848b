import Merge
import Replica
import SpaceStore

/// A consent that was taken back is never shown as active by a device that holds the revocation.
struct ConsentChecker {
  static let restricting: Set = ["revoked", "withdrawn", "declined"]

  /// What a device's own log of an assignment came to, as far as it was read.
  private struct Read {
    var position = Position.zero
    var incarnation: UInt64 = 0
    var model = ReferenceModel()
  }

  private struct Place: Hashable {
    let party: String
    let space: SpaceID
  }

  private var known: [Place: Read] = [:]

  mutating func differences(
    _ party: Party, unsent: [(written: Written, commit: Commit)]
  ) throws -> [String] {
    var found: [String] = []
    for assignment in try party.replica.assignments() {
      var model = try read(assignment.space, of: party)
      for (written, commit) in unsent where written.space == assignment.space {
        model.take(
          commit, from: written.origin, at: .pending(sequence: written.origin.sequence))
      }
      found += Self.differences(assignment, model, party)
    }
    return found
  }

  private mutating func read(_ space: SpaceID, of party: Party) throws -> ReferenceModel {
    let place = Place(party: party.name, space: space)
    let store = party.replica.store
    let state = try store.state(space)
    var read = known[place] ?? Read()
    if read.position > state.position || read.incarnation != state.incarnation { read = Read() }
    read.incarnation = state.incarnation
    let number = try store.number(of: space)
    while read.position < state.position {
      let entries = try store.log.entries(
        space: number, after: read.position, byteCountMax: 1 << 20)
      if entries.isEmpty { break }
      for entry in entries {
        read.position = read.position.next
        try read.model.take(entry, at: read.position)
      }
    }
    known[place] = read
    return read.model
  }

  private static func differences(
    _ assignment: Assignment, _ model: ReferenceModel, _ party: Party
  ) -> [String] {
    let key = ReferenceModel.Key(type: Consent.type, record: assignment.record)
    let writes = model.records[key]?.writes ?? [:]
    let decisions = [Consent.clientKey, Consent.practitionerKey].map { key in
      ReferenceModel.standing(writes[key] ?? [])
        .map { $0.value?.map?["decision"]?.text ?? "" }
    }
    let isTakenBack = decisions.joined().contains { restricting.contains($0) }
    let isGiven = !isTakenBack && decisions.allSatisfy { !$0.isEmpty }
    let status = assignment.state.status
    if status == .active, !isGiven {
      return ["\(party.name) shows a consent as active: \(decisions)"]
    }
    if isGiven, status != .active, status != .expired {
      return ["\(party.name) shows a consent as \(status.rawValue): \(decisions)"]
    }
    return []
  }
}

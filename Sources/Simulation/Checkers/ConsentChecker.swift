import Merge
import Replica
import SpaceStore

/// A consent that was taken back is never shown as active by a device that holds the revocation.
struct ConsentChecker {
  let party: Party

  private static let restricting: Set = ["revoked", "withdrawn", "declined"]

  func differences() throws -> [String] {
    let replica = party.replica
    let unsent = try party.unsent()
    var found: [String] = []
    for assignment in try replica.assignments() {
      var model = ReferenceModel()
      try replica.store.eachEntry(assignment.space) { position, entry in
        try model.take(entry, at: position)
      }
      for (written, commit) in unsent where written.space == assignment.space {
        model.take(
          commit, from: written.origin, at: .pending(sequence: written.origin.sequence))
      }
      let key = ReferenceModel.Key(type: Consent.type, record: assignment.record)
      let writes = model.records[key]?.writes ?? [:]
      let decisions = [Consent.clientKey, Consent.practitionerKey].map { key in
        ReferenceModel.standing(writes[key] ?? [])
          .map { $0.value?.map?["decision"]?.text ?? "" }
      }
      let isTakenBack = decisions.joined().contains { Self.restricting.contains($0) }
      let isGiven = !isTakenBack && decisions.allSatisfy { !$0.isEmpty }
      let status = assignment.state.status
      if status == .active, !isGiven {
        found.append("\(party.name) shows a consent as active: \(decisions)")
      }
      if isGiven, status != .active, status != .expired {
        found.append("\(party.name) shows a consent as \(status.rawValue): \(decisions)")
      }
    }
    return found
  }
}

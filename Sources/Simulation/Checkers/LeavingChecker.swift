import Database
import Merge
import Replica
import SpaceStore
import SyncProtocol

/// A device purges a space only where the log has a reason, never because a server says so.
struct LeavingChecker {
  let history: History

  func differences(_ party: Party, _ server: SpaceStore) throws -> [String] {
    let left = try party.replica.database.rows(
      "SELECT space.id FROM left_space JOIN space ON space.number = left_space.space"
    ) { SpaceID($0.blob(0)) }.compactMap(\.self)
    return try left.filter { try !isOver($0, for: party, server) }.map {
      "\(party.name) has purged \($0.hex), and nothing in a log says that it had to"
    }
  }

  private func isOver(_ space: SpaceID, for party: Party, _ server: SpaceStore) throws -> Bool {
    let state = try server.state(space)
    if state.ended != nil || state.members[party.account]?.until != nil { return true }
    if state.devices[party.replica.identity.device]?.until != nil { return true }
    return state.kind == .engagement && hasBeenTakenBack(by: Set(state.members.keys))
  }

  /// Whether a decision of these two was ever taken back.
  private func hasBeenTakenBack(by accounts: Set<AccountID>) -> Bool {
    history.logs.values.contains { log in
      log.model.records.contains { key, record in
        guard key.type == Consent.type, Self.people(record).isSubset(of: accounts) else {
          return false
        }
        return [Consent.clientKey, Consent.practitionerKey].contains { key in
          (record.writes[key] ?? []).contains {
            ConsentChecker.restricting.contains($0.value?.map?["decision"]?.text ?? "")
          }
        }
      }
    }
  }

  private static func people(_ record: ReferenceModel.History) -> Set<AccountID> {
    Set(
      ["client", "practitioner"].compactMap { key in
        record.writes[key]?.first?.value?.bytes.flatMap { AccountID($0) }
      })
  }
}

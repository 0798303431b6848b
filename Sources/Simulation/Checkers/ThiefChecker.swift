import Foundation
import Merge
import Replica
import SpaceStore
import SyncProtocol

/// A copy of a home that was made just before its device or member was taken out. Whoever has it must
/// not be able to open any epoch that comes afterwards, not even with the server's whole disk.
struct Thief {
  let party: Party
  /// Of the account whose device it is, and whether only the device was taken out.
  let account: AccountID
  let device: DeviceID
}

extension Run {
  /// Copies a home that is about to be taken out.
  func keepThief(of party: Party) throws {
    let name = "thief \(thieves.count)"
    party.close()
    try world.folder.copy(party.homePath, as: name)
    try party.open()
    let copy = Party(
      name, homePath: "\(world.folder.path)/\(name)", clock: world.clock,
      seed: seed &+ 7000 &+ UInt64(thieves.count))
    copy.passwordKey = party.passwordKey
    copy.schema = party.schema
    thieves.append(
      Thief(party: copy, account: party.account, device: party.replica.identity.device))
  }
}

struct ThiefChecker {
  let thief: Thief
  let history: History

  /// What the keys of the copied home open of what came after the removal.
  func differences(_ store: SpaceStore) throws -> [String] {
    try thief.party.open()
    defer { thief.party.close() }
    var found: [String] = []
    for space in history.logs.keys.sorted() {
      let state = try store.state(space)
      guard let log = history.logs[space], let out = removal(in: state) else { continue }
      for epoch in state.epochs where epoch.made > out {
        guard let entry = log.entries.first(where: { $0.position == epoch.made })?.entry,
          case .statement(let signed) = entry.content
        else { continue }
        // One that came back was made before the removal: it must not be used any more.
        if case .recovered = entry, !isUsed(epoch, in: log) { continue }
        let wraps = try store.database.rows(
          "SELECT wrap.bytes FROM epoch_wrap JOIN wrap ON wrap.hash = epoch_wrap.hash "
            + "WHERE epoch_wrap.space = ? ORDER BY wrap.hash",
          .blob(space.bytes)
        ) { $0.blob(0) }
        if try thief.party.replica.opens(wraps, of: signed, in: space) {
          found.append(
            "\(thief.party.name) opens the epoch at \(epoch.made.rawValue) "
              + "in \(space.hex), made after \(out.rawValue)")
        }
      }
    }
    return found
  }

  /// Whether anything was accepted that is sealed under an epoch, other than what came back as well.
  private func isUsed(_ epoch: SpaceState.Epoch, in log: History.Log) -> Bool {
    let hint = Array(epoch.id.bytes.prefix(8))
    return log.entries.contains { entry in
      guard entry.position > epoch.made, case .commit = entry.entry, let commit = entry.commit
      else { return false }
      return commit.changes.flatMap(\.writes).contains { write in
        guard write.sealed, let sealed = write.value.bytes, sealed.count > 9 else { return false }
        return Array(sealed[1..<9]) == hint
      }
    }
  }

  /// Since when the log has the thief out for good; `nil` where it does not.
  private func removal(in state: SpaceState) -> Position? {
    state.devices[thief.device]?.until ?? state.members[thief.account]?.until
  }
}

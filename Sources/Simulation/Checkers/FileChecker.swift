import Foundation
import Merge
import Replica

/// Once all is well, what people kept can be read by those who may: every file of the vault on the
/// client's devices, every share that stands on the practitioner's.
struct FileChecker {
  let party: Party

  func problems() throws -> [String] {
    let replica = party.replica
    var found: [String] = []
    if party.role == .client {
      for item in try replica.vaultListing(nil, recursive: true) where item.kind == .file {
        found += problem("vault file") { try replica.readFromVault(item.path) { _ in } }
      }
    }
    if party.role == .practitioner {
      for share in try replica.sharesReceived() where share.status == .active {
        found += problem("share") { try replica.readShared(share) { _ in } }
      }
    }
    return found
  }

  private func problem(_ what: String, _ read: () throws -> Void) -> [String] {
    do {
      try read()
      return []
    } catch let denial as AccessDenial {
      // An end that has passed between the listing and the reading is no loss.
      return denial == .notFromClient ? ["\(party.name): \(what): \(denial)"] : []
    } catch {
      return ["\(party.name): \(what): \(error)"]
    }
  }
}

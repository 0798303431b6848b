import Database
import Merge
import Signing
import SyncProtocol

/// After a restore a chain takes nothing new until nobody can hold more of it: a statement in place of a
/// lost one would be a second history, and the lost one may be the removal of its author.
///
/// Whoever could write to the chain is waited for, each of their devices: the first statement that was
/// lost was made by one of them, and once it is back, so on for the next.
extension ServerCore {
  func isUnsettled(_ chain: ChainReference) throws -> Bool {
    let since = try ServerSetting.withholding.value(in: database)
    guard since > 0, now < since || now - since < options.settlingMilliseconds else { return false }
    return try !isSettled(chain, since: since)
  }

  private func isSettled(_ chain: ChainReference, since: UInt64) throws -> Bool {
    if try settledSince(chain) >= since { return true }
    let isSettled: Bool
    switch chain {
    case .account(let account):
      let devices = try chains.accountChain(account)?.presentDevices ?? []
      isSettled = try devices.allSatisfy {
        try returnedSince($0.certificate.device) >= since
      }
    case .organisation, .team:
      isSettled = try authors(of: chain).allSatisfy {
        try self.isSettled(.account($0), since: since)
      }
    }
    if isSettled { try noteSettled(chain) }
    return isSettled
  }

  /// The accounts that can make the next statement.
  private func authors(of chain: ChainReference) throws -> [AccountID] {
    switch chain {
    case .account(let account): return [account]
    case .organisation(let organisation):
      return try chains.organisationChain(organisation)?.admins ?? []
    case .team(let team):
      guard let team = try chains.teamChain(team) else { return [] }
      let admins = try authors(of: .organisation(team.organisation))
      return Set(admins + team.members.keys + team.proposals.keys).sorted()
    }
  }

  // MARK: What is known

  /// A device has handed back all that it held.
  func noteReturned(_ device: DeviceID) throws {
    let number = try incarnation()
    guard try returnedSince(device) < number else { return }
    try transaction {
      try database.run(
        "INSERT INTO returned_device VALUES (?, ?) ON CONFLICT (device) DO UPDATE "
          + "SET incarnation = excluded.incarnation",
        .blob(device.bytes), .integer(Int64(clamping: number)))
    }
  }

  /// Of a chain that begins in this incarnation nothing was lost either.
  func noteSettled(_ chain: ChainReference) throws {
    let number = try incarnation()
    guard number > 0 else { return }
    try database.run(
      "INSERT INTO settled_chain VALUES (?, ?) ON CONFLICT (chain) DO UPDATE "
        + "SET incarnation = excluded.incarnation",
      .blob(chain.encoded), .integer(Int64(clamping: number)))
  }

  private func returnedSince(_ device: DeviceID) throws -> UInt64 {
    try database.first(
      "SELECT incarnation FROM returned_device WHERE device = ?", .blob(device.bytes)
    ) { UInt64(clamping: $0.integer(0)) } ?? 0
  }

  private func settledSince(_ chain: ChainReference) throws -> UInt64 {
    try database.first(
      "SELECT incarnation FROM settled_chain WHERE chain = ?", .blob(chain.encoded)
    ) { UInt64(clamping: $0.integer(0)) } ?? 0
  }
}

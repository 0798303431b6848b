import Merge
import SyncProtocol

extension Replica {
  /// What a device owes after it has seen what is new: keys to take, spaces to open, people to bind.
  ///
  /// - Returns: whether anything was pushed or written, so that it has to be sent and pulled.
  func doDuties(_ connection: Connection, _ report: inout SyncReport) throws -> Bool {
    let kits = try settleKits(connection, &report)
    // The pull may have brought what another device has compared.
    verifiedKeyCache = nil
    do {
      try takeAccountKeys(connection)
    } catch let error as ReplicaError {
      // What can be done without the account's newest key is done.
      try report.keep(error, while: "keys")
    }
    try refreshOrganisation(connection, &report)
    let mayInvite = identity.role == .admin || identity.role == .client
    let bindings = mayInvite ? try bindAcceptances(connection, &report) : false
    try openEpochs(connection, &report)
    // One after the other, each even if an earlier one had something to do.
    let teamKeys = try makeDueTeamKeys(connection, &report)
    let vault = try openVault(connection)
    let engagements = try openEngagements(connection, &report)
    let ends = try endEngagements(connection)
    let epochs = try makeDueEpochs(connection, &report)
    let deposits = try keepEmergencyDeposit()
    let reissued = try reissueStale()
    let denied = try endDeniedShares()
    let standing = try carryOutStandingShares(report)
    let renewed = try renewShares()
    let profiles = try writeProfiles()
    let entries = try writePrivateEntries()
    try warnOfChangedKeys(&report)
    return kits || bindings || teamKeys || vault || engagements || ends || epochs || deposits
      || reissued || denied || standing || renewed || profiles || entries
  }
}

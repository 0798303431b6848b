import Merge
import SyncProtocol

extension Replica {
  /// What a device owes after it has seen what is new: keys to take, spaces to open, people to bind.
  ///
  /// - Returns: whether anything was pushed or written, so that it has to be sent and pulled.
  func doDuties(_ connection: Connection, _ report: inout SyncReport) throws -> Bool {
    try takeAccountKeys(connection)
    try refreshOrganisation(connection, &report)
    if identity.role == .admin || identity.role == .client {
      try bindAcceptances(connection, &report)
    }
    try openEpochs(connection, &report)
    // One after the other, each even if an earlier one had something to do.
    let teamKeys = try makeDueTeamKeys(connection, &report)
    let vault = try openVault(connection)
    let engagements = try openEngagements(connection, &report)
    let ends = try endEngagements(connection)
    let epochs = try makeDueEpochs(connection, &report)
    let reissued = try reissueStale()
    let renewed = try renewShares()
    let profiles = try writeProfiles()
    return teamKeys || vault || engagements || ends || epochs || reissued || renewed || profiles
  }
}

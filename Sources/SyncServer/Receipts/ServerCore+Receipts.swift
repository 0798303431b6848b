import Merge
import SpaceStore
import SyncProtocol

/// What an engagement's client may know of the other side's devices.
extension ServerCore {
  /// Keeps a device's word that it has purged; `Path.purged`.
  func takePurgeReport(_ report: PurgeReport, _ session: Session) throws -> [UInt8] {
    guard report.timeMilliseconds < 1 << 48 else { throw ErrorCode.malformed }
    guard
      let device = try chains.accountChain(session.account)?.devices[report.device]?.certificate
    else { throw ErrorCode.deviceUnknown }
    guard report.isSigned(by: device.transport) else { throw ErrorCode.badSignature }
    // Only of spaces that the account ever had anything of; else reports could fill the disk.
    guard try membership(session.account, in: report.space) != nil else {
      throw ErrorCode.notAllowed
    }
    try transaction { try PurgeReportTable(core: self).keep(report) }
    try tellMembers(of: report.space)
    return []
  }

  /// Answers for the engagements in which the account is the client, one after the other, until the
  /// answer is full.
  func receipts(_ request: ReceiptsRequest, _ session: Session) throws -> [UInt8] {
    var left = ReceiptsResponse.accessCountMax
    var parts: [ReceiptsResponse.Part] = []
    for part in request.parts {
      guard let state = try openedState(part.space), state.kind == .engagement,
        state.members[session.account]?.role == .client
      else { continue }
      let audit = AccessAudit(core: self)
      let accesses = try audit.entries(in: part.space, after: part.after, countMax: left)
      left -= accesses.count
      parts.append(
        ReceiptsResponse.Part(
          space: part.space, accessCount: try audit.count(in: part.space), accesses: accesses,
          purges: try PurgeReportTable(core: self).reports(in: part.space),
          contacts: try ContactTable(database: database).contacts(in: part.space)))
    }
    return ReceiptsResponse(parts: parts).encoded
  }
}

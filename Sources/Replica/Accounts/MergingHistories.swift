import Merge
import Signing
import SyncProtocol

/// Two histories of the own account, put together by a device that both of them have.
extension Replica {
  /// Goes on with the history of the own account that the server shows now, takes out what another one
  /// took out, and says so on the chain: whoever holds the other one follows then.
  ///
  /// What the other history added has to be added again.
  ///
  /// - Returns: how many devices and kits were taken out.
  /// - Throws: ``ReplicaError/badInput(_:)`` where there is one history only, or the one that goes on has
  ///   taken this device out.
  public func mergeHistories(_ transport: any Transport) throws -> Int {
    var report = SyncReport()
    let connection = try connect(transport, &report)
    let chain = ChainReference.account(identity.account)
    let part = try connection.chainPart(chain, from: 0)
    guard part.head.isSigned(by: identity.certificate.log), let shown = try otherHistory(part)
    else {
      throw ReplicaError.dishonest("a chain does not verify")
    }
    let own = try ownChain()
    var revoked = try devicesRevokedElsewhere(chain) ?? []
    var abandoned = try abandonedHead(chain)
    if !shown.contains(own.head) {
      guard shown.devices[identity.device]?.revokedAt == nil,
        shown.devices[identity.device] != nil, !own.contains(shown.head)
      else { throw ReplicaError.badInput("the server shows no history that this device is in") }
      abandoned = try chains.signedHead(chain)
      revoked += own.devices.values.filter { $0.revokedAt != nil }.map(\.certificate.device)
    }
    guard !revoked.contains(identity.device) else {
      throw ReplicaError.badInput(
        "the other history has taken this device out: do it on another device")
    }
    guard let abandoned else { throw ReplicaError.badInput("the account has one history only") }
    if !shown.contains(own.head) { try adopt(part) }
    try fetchChain(chain, connection)
    try takeAccountKeys(connection)
    var count = 0
    for device in Set(revoked).sorted() {
      guard let known = try ownChain().devices[device], known.revokedAt == nil else { continue }
      try takeOut(device, connection)
      count += 1
    }
    try append(.chainMerge(ChainMerge(abandoned: abandoned)), to: chain, wraps: [], connection)
    try fetchChain(chain, connection)
    return count
  }

  /// Follows another history than the own one, where it says that it goes on: on the word of a device
  /// that both have, and only if it lacks no removal of the own one.
  ///
  /// - Returns: whether it is followed from now on.
  func followMerge(_ part: ChainPart, _ other: AccountChain, _ known: AccountChain) throws -> Bool {
    let isNamed = other.merges.contains { merge in
      merge.abandoned == known.head && known.devices[merge.device]?.revokedAt == nil
        && known.devices[merge.device] != nil && !other.isRevoked(merge.device)
    }
    let lacksNone = known.devices.values.filter { $0.revokedAt != nil }.allSatisfy {
      let device = $0.certificate.device
      return other.devices[device] == nil || other.isRevoked(device)
    }
    guard isNamed, lacksNone else { return false }
    try adopt(part)
    return true
  }

  private func adopt(_ part: ChainPart) throws {
    try transaction {
      try chains.drop(part.head.chain)
      try chains.append(part, server: identity.certificate)
      try forgetFork(part.head.chain)
      nameCache = [:]
    }
  }
}

import CBOR

/// What acceptance knows of shares beyond their schema.
enum ShareRules {
  static let share = "share"
  static let access = "access"
  static let accountKey = "account_key"
  /// The record with which access is asked for.
  static let request = "access_request"
}

extension CommitJudge {
  /// Only files of the client's own vault are shared, and only on the client's approval.
  func judgeShare(_ change: RecordChange) throws {
    let vault = value("vault", of: change)?.bytes.flatMap { SpaceID($0) }
    let grant = value("grant", of: change)?.bytes.flatMap { Origin(packed: $0) }
    guard let vault, vault == state.clientVault, let grant,
      state.consent.approvals.contains(grant)
    else { throw Refusal(.grantUnknown) }
    try checkKey(value(ShareRules.accountKey, of: change))
  }

  /// What a share gives out later is wrapped for the key that the share names: that has to be the one
  /// that no device which was removed ever held.
  func judgeShareContent(_ change: RecordChange) throws {
    guard change.operation == .update, change.writes.contains(where: { $0.key == "content" }),
      let share = schema.type(ShareRules.share)
    else { return }
    let known = try records.register(
      type: share, record: change.record, key: ShareRules.accountKey)
    try checkKey(known.siblings.first?.value)
  }

  /// Only a key that replaced another one stands in the log.
  private func checkKey(_ named: CBORValue?) throws {
    for account in state.presentMembers where state.role(of: account) != .client {
      guard let key = state.accountKeys[account] else { continue }
      guard named?.bytes == key.bytes else { throw Refusal(.recipientsWrong, [ShareRules.share]) }
    }
  }

  /// Whoever was let in writes under a share only while that share allows it: what was written
  /// before its author knew of the revocation comes too late.
  func judgeUnderShare(_ change: RecordChange, _ type: RecordType, _ role: Role) throws {
    guard role == .practitioner || role == .family, let parent = type.parent,
      let share = schema.type(ShareRules.share)
    else { return }
    guard let id = value(parent.field, of: change)?.bytes.flatMap({ RecordID($0) }),
      try records.standing(type: share, record: id) != nil
    else { throw Refusal(.recordUnknown, [share.name]) }
    let access = try records.register(type: share, record: id, key: ShareRules.access)
    // Of concurrent grants every one has to allow it.
    guard !access.siblings.isEmpty, access.siblings.allSatisfy({ allows($0.value, type) }) else {
      throw Refusal(.shareInactive, [type.name])
    }
  }

  private func allows(_ access: CBORValue, _ type: RecordType) -> Bool {
    guard access.map?["state"]?.text == "active" else { return false }
    if let until = access.map?["until"]?.integer, Int64(clamping: state.timeMilliseconds) >= until {
      return false
    }
    guard let needed = type.createPermission else { return true }
    let words = access.map?["permissions"]?.array ?? []
    return words.contains(.text(needed.rawValue))
  }

  private func value(_ key: String, of change: RecordChange) -> CBORValue? {
    change.writes.first { $0.key == key }?.value
  }
}

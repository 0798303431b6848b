import CBOR

/// What acceptance knows of shares beyond their schema.
enum ShareRules {
  static let share = "share"
  static let access = "access"
}

extension CommitJudge {
  /// Only files of the client's own vault are shared, and only on the client's approval.
  func judgeShare(_ change: RecordChange) throws {
    let vault = value("vault", of: change)?.bytes.flatMap { SpaceID($0) }
    let grant = value("grant", of: change)?.bytes.flatMap { Origin(packed: $0) }
    guard let vault, vault == state.clientVault, let grant,
      state.consent.approvals.contains(grant)
    else { throw Refusal(.grantUnknown) }
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

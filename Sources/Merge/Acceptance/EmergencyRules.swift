import CBOR

/// What acceptance knows of emergency deposits beyond their schema.
public enum EmergencyRules {
  public static let deposit = "emergency_deposit"
  /// The longest that a deposit may be open, in log time, milliseconds: 24 hours.
  public static let openMillisecondsMax: UInt64 = 24 * 60 * 60 * 1000

  static let state = "state"
  static let access = "access"
  static let reason = "reason"
  static let closed = "closed"
}

extension CommitJudge {
  /// A deposit is opened once, while it stands, with a reason, for at most 24 hours of log time; the
  /// rule `once` keeps everybody from opening it again. Only what was opened is closed.
  func judgeEmergency(_ change: RecordChange, _ type: RecordType) throws {
    if let access = change.writes.first(where: { $0.key == EmergencyRules.access }) {
      try judgeOpening(access, change, type)
    }
    if change.writes.contains(where: { $0.key == EmergencyRules.closed }) {
      let access = try records.register(
        type: type, record: change.record, key: EmergencyRules.access)
      guard !access.siblings.isEmpty else {
        throw Refusal(.transitionNotAllowed, [type.name, EmergencyRules.closed])
      }
    }
  }

  private func judgeOpening(
    _ access: FieldWrite, _ change: RecordChange, _ type: RecordType
  ) throws {
    let standing = try records.register(
      type: type, record: change.record, key: EmergencyRules.state)
    guard !standing.siblings.isEmpty,
      standing.siblings.allSatisfy({ $0.value.text == "active" })
    else { throw Refusal(.shareInactive, [type.name]) }
    guard
      change.writes.contains(where: { $0.key == EmergencyRules.reason && $0.value != .null })
    else { throw Refusal(.requiredMissing, [type.name, EmergencyRules.reason]) }
    let now = Int64(clamping: state.timeMilliseconds)
    let last = Int64(clamping: state.timeMilliseconds + EmergencyRules.openMillisecondsMax)
    guard let until = access.value.map?["until"]?.integer, until > now, until <= last else {
      throw Refusal(.valueInvalid, [type.name, EmergencyRules.access, "until"])
    }
  }
}

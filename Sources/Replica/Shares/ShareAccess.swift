import Merge

/// What decides whether a shared file may be used on this device, offline or not. A pure function: the
/// server enforces the same of what it releases, honest devices of what they hold.
struct ShareAccess {
  /// How long a device uses what is shared without asking again.
  static let leaseMilliseconds: UInt64 = 72 * 60 * 60 * 1000

  let isRevoked: Bool
  /// The share's own end.
  let untilMilliseconds: UInt64?
  let permissions: [Permission]
  let consent: ConsentStatus
  let consentTerms: ConsentTerms
  let isEnded: Bool
  /// The last unlocked sync; `nil` before the first.
  let renewedMilliseconds: UInt64?

  /// `nil` where the use is allowed.
  func denial(of permission: Permission, nowMilliseconds now: UInt64) -> AccessDenial? {
    if isEnded { return .engagementEnded }
    guard consent == .active else { return .consentInactive(consent) }
    if let end = consentTerms.untilMilliseconds, now >= end { return .consentInactive(.expired) }
    if isRevoked { return .shareRevoked }
    if let untilMilliseconds, now >= untilMilliseconds { return .shareExpired(untilMilliseconds) }
    guard permissions.contains(permission), consentTerms.permissions.contains(permission) else {
      return .permissionMissing(permission)
    }
    guard let renewedMilliseconds, now < renewedMilliseconds + Self.leaseMilliseconds else {
      return .leaseOver
    }
    return nil
  }

  /// Until when the file can be used without another sync: the earliest of the three ends.
  var offlineUntilMilliseconds: UInt64? {
    [
      untilMilliseconds, consentTerms.untilMilliseconds,
      renewedMilliseconds.map { $0 + Self.leaseMilliseconds },
    ].compactMap(\.self).min()
  }
}

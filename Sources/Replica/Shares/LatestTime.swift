import Merge

/// The latest time that this home has seen: leases are judged by it, whatever the clock says now.
extension Replica {
  /// Notes the time that it is now, if it is later than any before.
  ///
  /// - Parameter step: less than this is not noted, in milliseconds: it would cost a write.
  func noteTime(step: UInt64 = 1) throws {
    let now = try nowMilliseconds
    let latest = try settings.number(.latestTime) ?? 0
    guard now > latest, now - latest >= step else { return }
    try settings.set(.latestTime, number: now)
  }

  /// A clock that was far ahead is not held against whoever has put it right: the server says what time
  /// it is, and what others allow is asked for anew in the same sync.
  func forgetTime(after limit: UInt64, now: UInt64) throws {
    if try settings.number(.latestTime) ?? 0 > limit { try settings.set(.latestTime, number: now) }
  }
}

import Merge

/// The latest time that this home has seen: leases are judged by it, whatever the clock says now.
extension Replica {
  /// Of less than this nothing is noted: it would cost a write with every command.
  private static var stepMilliseconds: UInt64 { 1000 }

  /// Notes the time that it is now, if it is later than any before.
  func noteTime() throws {
    let now = try nowMilliseconds
    let latest = try settings.number(.latestTime) ?? 0
    if now >= latest + min(Self.stepMilliseconds, .max - latest) {
      try settings.set(.latestTime, number: now)
    }
  }

  /// A clock that was far ahead is not held against whoever has put it right: the server says what time
  /// it is, and what others allow is asked for anew in the same sync.
  func forgetTime(after limit: UInt64, now: UInt64) throws {
    if try settings.number(.latestTime) ?? 0 > limit { try settings.set(.latestTime, number: now) }
  }
}

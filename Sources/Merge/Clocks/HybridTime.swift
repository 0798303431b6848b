/// A hybrid logical clock reading: 48 bits of milliseconds, 16 bits of counter.
///
/// Kulkarni, Demirbas, Madappa, Avva, Leone: "Logical Physical Clocks" (2014), §3; packed as in
/// its §6.2. Gives writes a time that people understand and a tie-break that respects causality.
public struct HybridTime: Hashable, Comparable, Sendable {
  public static let zero = HybridTime(rawValue: 0)

  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public init(milliseconds: UInt64, counter: UInt16) {
    precondition(milliseconds < 1 << 48, "48 bits of milliseconds last until the year 10889")
    rawValue = milliseconds << 16 | UInt64(counter)
  }

  /// Since 1970-01-01T00:00:00Z.
  public var milliseconds: UInt64 { rawValue >> 16 }
  public var counter: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Hands out readings that never go back, whatever the wall clock does.
public struct HybridClock: Hashable, Sendable {
  /// The last reading handed out or observed.
  public private(set) var last: HybridTime

  public init(last: HybridTime = .zero) { self.last = last }

  /// How far ahead of now a reading may be and still count.
  public static let aheadMillisecondsMax: UInt64 = 5 * 60 * 1000

  /// A reading for a local write; greater than every earlier one.
  public mutating func tick(nowMilliseconds: UInt64) -> HybridTime {
    let now = HybridTime(milliseconds: min(nowMilliseconds, (1 << 48) - 1), counter: 0)
    // Adding one to the packed word carries a full counter into the milliseconds.
    // Beyond the last reading there is none; going back is worse than standing still.
    let (next, overflow) = last.rawValue.addingReportingOverflow(1)
    last = now > last ? now : overflow ? last : HybridTime(rawValue: next)
    return last
  }

  /// Takes note of a reading seen in the log, so that the next local one is greater.
  ///
  /// Readings more than ``aheadMillisecondsMax`` ahead of now do not count. Decisions that take
  /// away are accepted whatever their clock says; one from the far future would otherwise put every
  /// reader's clock where acceptance refuses it.
  public mutating func observe(_ time: HybridTime, nowMilliseconds: UInt64) {
    let (limit, overflow) = nowMilliseconds.addingReportingOverflow(Self.aheadMillisecondsMax)
    if overflow || time.milliseconds <= limit { last = max(last, time) }
  }
}

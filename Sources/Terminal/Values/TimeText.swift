import Foundation

/// Points in time as people write and read them; milliseconds since 1970 UTC inside.
public enum TimeText {
  /// Farther than this is a typing error.
  static let distanceMaxDays = 36_525

  /// Reads a point in time.
  ///
  /// - `2026-12-31`: the last millisecond of that day in the time zone, so "until" includes the day.
  /// - `2026-12-31T12:00`, `…:30`: that minute or second in the time zone; with `Z` or `+02:00` at
  ///   its end, in that zone.
  /// - `30m`, `12h`, `7d`, `2w`: so many minutes, hours, days of 24 hours, or weeks from now.
  ///
  /// Throws a usage failure that says what is wrong, also for days that do not exist.
  public static func parse(
    _ text: String, now: Int64, timeZone: TimeZone = .current
  ) throws(Failure) -> Int64 {
    let value: Int64
    if let duration = try duration(text) {
      value = now + duration
    } else {
      value = try PlainTime(text, timeZone).milliseconds()
    }
    guard abs(value - now) <= Int64(distanceMaxDays) * 86_400_000 else {
      throw Failure.usage("“\(text)” is more than a hundred years away")
    }
    return value
  }

  /// As ``parse(_:now:timeZone:)``, and after now.
  public static func parseFuture(
    _ text: String, now: Int64, timeZone: TimeZone = .current
  ) throws(Failure) -> Int64 {
    let value = try parse(text, now: now, timeZone: timeZone)
    guard value > now else { throw Failure.usage("“\(text)” is in the past") }
    return value
  }

  /// A length of time such as `8h`, in milliseconds.
  public static func parseDuration(_ text: String) throws(Failure) -> Int64 {
    guard let value = try duration(text) else {
      throw Failure.usage(
        "“\(text)” is not a length of time", hint: "write it as 30m, 12h, 7d or 2w")
    }
    return value
  }

  /// `7d`, in the largest unit that leaves no rest; shorter than a minute is `0m`.
  public static func durationText(_ milliseconds: Int64) -> String {
    for (unit, name) in [(Int64(86_400_000), "d"), (3_600_000, "h")]
    where milliseconds >= unit && milliseconds % unit == 0 {
      return "\(milliseconds / unit)\(name)"
    }
    return "\(milliseconds / 60_000)m"
  }

  /// nil when the text is not a number and a unit.
  private static func duration(_ text: String) throws(Failure) -> Int64? {
    let digits = text.utf8.dropLast()
    guard let unit = text.utf8.last, !digits.isEmpty,
      digits.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    let milliseconds: Int64
    switch unit {
    case UInt8(ascii: "m"): milliseconds = 60_000
    case UInt8(ascii: "h"): milliseconds = 3_600_000
    case UInt8(ascii: "d"): milliseconds = 86_400_000
    case UInt8(ascii: "w"): milliseconds = 7 * 86_400_000
    default: return nil
    }
    guard let count = Int64(String(decoding: Array(digits), as: UTF8.self)),
      count <= Int64(distanceMaxDays) * 86_400_000 / milliseconds
    else { throw Failure.usage("“\(text)” is more than a hundred years") }
    return count * milliseconds
  }

  /// `2026-12-31T12:00:00Z` (RFC 3339), for machines.
  public static func machineText(_ milliseconds: Int64) -> String {
    let format = Date.ISO8601FormatStyle(timeZone: .gmt)
    return Date(timeIntervalSince1970: (Double(milliseconds) / 1000).rounded(.down)).formatted(
      format)
  }

  /// `2026-12-31 12:00`, in the time zone.
  public static func text(_ milliseconds: Int64, timeZone: TimeZone = .current) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
    func padded(_ value: Int?, _ width: Int) -> String {
      let digits = String(value ?? 0)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let day = "\(padded(parts.year, 4))-\(padded(parts.month, 2))-\(padded(parts.day, 2))"
    return "\(day) \(padded(parts.hour, 2)):\(padded(parts.minute, 2))"
  }
}

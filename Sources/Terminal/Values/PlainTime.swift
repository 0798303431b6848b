import Foundation

/// A date, or a date and time, as written (RFC 3339 with optional parts), and its time zone.
struct PlainTime {
  private let text: String
  private let timeZone: TimeZone

  init(_ text: String, _ timeZone: TimeZone) {
    self.text = text
    self.timeZone = timeZone
  }

  func milliseconds() throws(Failure) -> Int64 {
    let halves = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
    let day = try day(halves[0])
    guard halves.count == 2 else {
      // The next day's start, less one: a day may have 23 or 25 hours.
      var calendar = Calendar(identifier: .gregorian)
      calendar.timeZone = timeZone
      let start = try date(day, in: timeZone)
      guard let next = calendar.date(byAdding: .day, value: 1, to: start) else { throw malformed }
      return milliseconds(calendar.startOfDay(for: next)) - 1
    }
    let (clock, zone) = try splitZone(halves[1])
    let fields = try clock.split(separator: ":", omittingEmptySubsequences: false).map {
      (part) throws(Failure) in try number(part, digits: 2)
    }
    guard fields.count == 2 || fields.count == 3, fields[0] < 24,
      fields.dropFirst().allSatisfy({ $0 < 60 })
    else { throw malformed }
    var parts = day
    parts.hour = fields[0]
    parts.minute = fields[1]
    parts.second = fields.count == 3 ? fields[2] : 0
    return milliseconds(try date(parts, in: zone))
  }

  private func day(_ text: Substring) throws(Failure) -> DateComponents {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw malformed }
    let year = try number(parts[0], digits: 4)
    let month = try number(parts[1], digits: 2)
    let day = try number(parts[2], digits: 2)
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...12).contains(month), (1...lengths[month - 1]).contains(day) else {
      throw Failure.usage("“\(self.text)” is not a day of the calendar")
    }
    return DateComponents(year: year, month: month, day: day)
  }

  private func splitZone(_ text: Substring) throws(Failure) -> (Substring, TimeZone) {
    if text.hasSuffix("Z") { return (text.dropLast(), .gmt) }
    guard let sign = text.lastIndex(where: { $0 == "+" || $0 == "-" }) else {
      return (text, timeZone)
    }
    let parts = text[text.index(after: sign)...].split(
      separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw malformed }
    let hours = try number(parts[0], digits: 2)
    let minutes = try number(parts[1], digits: 2)
    let seconds = (hours * 60 + minutes) * 60 * (text[sign] == "+" ? 1 : -1)
    guard hours <= 14, minutes < 60, let zone = TimeZone(secondsFromGMT: seconds) else {
      throw malformed
    }
    return (text[..<sign], zone)
  }

  private func number(_ text: Substring, digits: Int) throws(Failure) -> Int {
    guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let value = Int(text)
    else { throw malformed }
    return value
  }

  private func date(_ parts: DateComponents, in zone: TimeZone) throws(Failure) -> Date {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    guard let date = calendar.date(from: parts) else { throw malformed }
    return date
  }

  private func milliseconds(_ date: Date) -> Int64 {
    Int64((date.timeIntervalSince1970 * 1000).rounded())
  }

  private var malformed: Failure {
    Failure.usage(
      "“\(text)” is not a point in time",
      hint: "write it as 2026-12-31, 2026-12-31T12:00, 12h or 7d")
  }
}

import Foundation
import TestSupport
import Testing

@testable import Terminal

@Suite struct TimeTextTests {
  /// 2026-06-15T10:00:00Z.
  private let now: Int64 = 1_781_517_600_000

  private func zone(_ name: String) throws -> TimeZone {
    try #require(TimeZone(identifier: name))
  }

  @Test(
    arguments: [
      ("30m", 1_800_000), ("12h", 43_200_000), ("7d", 604_800_000), ("2w", 1_209_600_000),
      ("0d", 0),
    ] as [(String, Int64)])
  func lengthsCountFromNow(text: String, milliseconds: Int64) throws {
    #expect(try TimeText.parse(text, now: now, timeZone: .gmt) == now + milliseconds)
    #expect(try TimeText.parseDuration(text) == milliseconds)
  }

  @Test(arguments: ["0m", "30m", "90m", "12h", "36h", "7d", "30d"])
  func lengthsComeBack(text: String) throws {
    #expect(TimeText.durationText(try TimeText.parseDuration(text)) == text)
  }

  @Test(
    arguments: [
      ("2026-12-31", "GMT", 1_798_761_599_999),
      ("2026-12-31", "Europe/Berlin", 1_798_757_999_999),
      // Days of 23 and 25 hours.
      ("2026-03-29", "Europe/Berlin", 1_774_821_599_999),
      ("2026-10-25", "Europe/Berlin", 1_792_969_199_999),
      ("2026-12-31T12:00", "GMT", 1_798_718_400_000),
      ("2026-12-31T12:00:30", "GMT", 1_798_718_430_000),
      ("2026-12-31T12:00", "Europe/Berlin", 1_798_714_800_000),
      ("2026-12-31T12:00Z", "Europe/Berlin", 1_798_718_400_000),
      ("2026-12-31T12:00+02:00", "GMT", 1_798_711_200_000),
      ("2026-12-31T12:00-05:30", "GMT", 1_798_738_200_000),
      ("2028-02-29", "GMT", 1_835_481_599_999),
    ] as [(String, String, Int64)])
  func datesAndTimes(text: String, zoneName: String, expected: Int64) throws {
    let value = try TimeText.parse(text, now: now, timeZone: try zone(zoneName))
    #expect(value == expected)
  }

  @Test(arguments: [
    "", "tomorrow", "d", "7", "-7d", "7 d", "1.5h", "7y", "2026", "2026-12", "2026-12-31T",
    "2026-12-31T24:00", "2026-12-31T12", "2026-12-31T12:60", "2026-12-31T12:00:60", "26-12-31",
    "2026-12-31T12:00+2", "2026-12-31T12:00+99:00", "2026-12-31 12:00", "2026-1-1", "２026-12-31",
    "2026-02-29", "2026-02-30", "2026-13-01", "2026-00-10", "2026-04-31", "2026-12-00",
    "99999999999999999999d", "9999999d", "9999-12-31", "0001-01-01", "2026-12-31TT12:00",
  ])
  func everythingElseIsAUsageFailure(text: String) {
    #expect(failure { try TimeText.parse(text, now: now, timeZone: .gmt) }?.exitCode == .usage)
  }

  @Test func pastIsNoFuture() {
    let past = failure { try TimeText.parseFuture("2026-06-14", now: now, timeZone: .gmt) }
    #expect(past?.message == "“2026-06-14” is in the past")
    #expect(failure { try TimeText.parseFuture("0h", now: now, timeZone: .gmt) } != nil)
    #expect(failure { try TimeText.parseFuture("2026-06-15", now: now, timeZone: .gmt) } == nil)
  }

  @Test func textForPeople() throws {
    #expect(TimeText.text(now, timeZone: .gmt) == "2026-06-15 10:00")
    #expect(TimeText.text(now, timeZone: try zone("Europe/Berlin")) == "2026-06-15 12:00")
    #expect(TimeText.text(0, timeZone: .gmt) == "1970-01-01 00:00")
    #expect(TimeText.text(-1, timeZone: .gmt) == "1969-12-31 23:59")
  }

  @Test func textForMachines() {
    #expect(TimeText.machineText(now) == "2026-06-15T10:00:00Z")
    #expect(TimeText.machineText(now + 999) == "2026-06-15T10:00:00Z")
    #expect(TimeText.machineText(0) == "1970-01-01T00:00:00Z")
  }

  @Test func textIsReadBack() throws {
    var random = SplitMix64(seed: 11)
    let berlin = try zone("Europe/Berlin")
    for _ in 0..<200 {
      let minutes = Int64(random.next() % 20_000_000)
      let moment = now / 60_000 * 60_000 + minutes * 60_000
      let text = TimeText.text(moment, timeZone: berlin).replacing(" ", with: "T")
      let read = try TimeText.parse(text, now: now, timeZone: berlin)
      // The hour that autumn repeats has one text for two moments.
      #expect(read == moment || abs(read - moment) == 3_600_000)
    }
  }
}

import Merge
import TestSupport
import Testing

@testable import SpaceStore

@Suite struct RowClockTests {
  private func place(_ generator: inout SplitMix64) -> RowClock.Place {
    switch generator.number(0...4) {
    case 0: .unwritten
    case 1: .siblings
    case 2: .position(Position(UInt64(generator.number(1...200))))
    case 3: .position(Position(Position.countMax - 1))
    default: .position(.pending(sequence: UInt64(generator.number(1...5))))
    }
  }

  @Test func whatIsWrittenIsReadBack() throws {
    var generator = SplitMix64(seed: 3)
    for _ in 0..<1000 {
      var places: [RowClock.Place] = []
      for _ in 0..<generator.number(0...6) {
        let run = generator.number(1...4)
        places += Array(repeating: place(&generator), count: run)
      }
      let clock = RowClock(
        places: places, hasSideRegisters: generator.oneIn(2), hasDeletions: generator.oneIn(2))
      let back = try RowClock(clock.bytes, count: places.count)
      #expect(back == clock)
    }
  }

  @Test func fieldsOfALaterSchemaAreUnwritten() throws {
    let clock = RowClock(
      places: [.position(Position(7))], hasSideRegisters: false, hasDeletions: false)
    let back = try RowClock(clock.bytes, count: 3)
    #expect(back.places == [.position(Position(7)), .unwritten, .unwritten])
  }

  @Test func aRowWrittenAtOnceTakesFewBytes() {
    let places = Array(repeating: RowClock.Place.position(Position(100_000)), count: 40)
    let clock = RowClock(places: places, hasSideRegisters: false, hasDeletions: false)
    #expect(clock.bytes.count == 5)
  }

  @Test(
    arguments: [
      [], [4], [0, 1], [0, 0, 2], [0, 3, 2], [0, 0x80], [0, 1, 0x80],
      [0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
      [0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
    ] as [[UInt8]])
  func otherBytesAreDamage(_ bytes: [UInt8]) {
    #expect(throws: StateError.damaged) { try RowClock(bytes, count: 2) }
  }
}

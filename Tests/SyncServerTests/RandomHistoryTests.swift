import CBOR
import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

@testable import SyncServer

@Suite struct RandomHistoryTests {
  /// Several devices write, fail, repeat and wait at random; whoever reads, in pages of any size, can
  /// check every page, agrees with every verdict, and comes to the server's own state.
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func canBeCheckedByEveryReader(seed: UInt64) throws {
    let clinic = try Clinic(World(seed: seed))
    var random = SplitMix64(seed: seed)
    let casework = try clinic.openCasework()
    let second = try clinic.world.addDevice(to: clinic.client)
    let devices = [clinic.client, second, clinic.practitioner]
    var tickets: [RecordID] = []
    var readers = try devices.map { try TestReader($0) }
    for _ in 0..<40 {
      let index = Int.random(in: 0..<devices.count, using: &random)
      let commits = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        Self.changes(clinic, casework, &tickets, &random)
      }
      let last = try clinic.world.position(casework.space).rawValue
      let seen = Position(UInt64.random(in: 0...last, using: &random))
      let ahead = UInt64.random(in: 0..<10, using: &random) == 0 ? hour * 1000 : 0
      let segment = try devices[index].segment(
        casework.space, commits, seen: seen, time: clinic.time.now + ahead)
      let items: [PushItem] = [.segment(segment)]
      let verdicts = try devices[index].push(casework.space, items)
      #expect(verdicts.count == commits.count)
      if Bool.random(using: &random) {
        #expect(try devices[index].push(casework.space, items) == verdicts)
      }
      clinic.time.pass(seconds: UInt64.random(in: 0...3, using: &random))
      let size = UInt64.random(in: 0...4000, using: &random)
      try readers[Int.random(in: 0..<3, using: &random)].pull(casework.space, byteCountMax: size)
    }
    readers.append(try TestReader(clinic.client))
    let state = try clinic.world.state(casework.space)
    let head = try clinic.world.server.inspect { try $0.store.head(casework.space) }
    for reader in readers {
      try reader.pull(casework.space, byteCountMax: 3000)
      #expect(try reader.store.state(casework.space) == state)
      #expect(try reader.store.head(casework.space) == head)
    }
  }

  private static func changes(
    _ clinic: Clinic, _ casework: Clinic.Casework, _ tickets: inout [RecordID],
    _ random: inout SplitMix64
  ) -> [RecordChange] {
    let word = ["minor", "major", "critical", nil].randomElement(using: &random) ?? nil
    guard let record = tickets.randomElement(using: &random), Bool.random(using: &random) else {
      let record = clinic.newRecord()
      tickets.append(record)
      return [clinic.newTicket(casework, record)]
    }
    if let word { return [clinic.setSeverity(record, word)] }
    let wrong = FieldWrite(key: "severity", value: .unsigned(1))
    return [RecordChange(type: "ticket", record: record, operation: .update, writes: [wrong])]
  }
}

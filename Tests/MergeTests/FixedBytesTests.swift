import Merge
import TestSupport
import Testing

struct FixedBytesTests {
  private static func checkLaws<ID: FixedBytes>(_ type: ID.Type, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<100 {
      var (left, right) = (random.bytes(ID.byteCount), random.bytes(ID.byteCount))
      // Often alike up to a late byte, so that every byte decides now and then.
      let shared = Int.random(in: 0..<ID.byteCount, using: &random)
      right.replaceSubrange(..<shared, with: left[..<shared])
      if random.oneIn(20) { right = left }
      let (a, b) = (try #require(ID(left)), try #require(ID(right)))
      #expect(a.bytes == left)
      #expect((a < b) == left.lexicographicallyPrecedes(right))
      #expect((a == b) == (left == right))
      #expect(ID(hex: a.hex) == a)
      #expect(ID(hex: a.hex.uppercased()) == a)
      left.removeLast()
      #expect(ID(left) == nil)
      #expect(ID(right + [0]) == nil)
    }
  }

  @Test func sixteenBytes() throws { try Self.checkLaws(Bytes16.self, seed: 1) }
  @Test func thirtyTwoBytes() throws { try Self.checkLaws(Bytes32.self, seed: 2) }
  @Test func records() throws { try Self.checkLaws(RecordID.self, seed: 3) }
  @Test func accounts() throws { try Self.checkLaws(AccountID.self, seed: 4) }
  @Test func replicas() throws { try Self.checkLaws(ReplicaID.self, seed: 5) }

  @Test func hexIsLowerCaseAndFirstByteFirst() throws {
    let id = try #require(Bytes16((0..<16).map { UInt8($0 * 17) }))
    #expect(id.hex == "00112233445566778899aabbccddeeff")
    #expect(id.description == id.hex)
  }

  @Test(arguments: [
    "", "00", "0011223344556677889900112233445", "00112233445566778899001122334455ff",
    "0011223344556677889900112233445g", " 0112233445566778899001122334455",
    "00112233445566778899001122334é",
  ])
  func otherTextIsNotAnID(text: String) { #expect(Bytes16(hex: text) == nil) }

  @Test func aReplicaIsItsDeviceThenItsHome() {
    let replica = ReplicaID(device: .numbered(3), home: 0x0102_0304_0506_0708)
    #expect(replica.bytes.prefix(16).elementsEqual(DeviceID.numbered(3).bytes))
    #expect(replica.bytes.suffix(8).elementsEqual([1, 2, 3, 4, 5, 6, 7, 8]))
  }

  @Test(arguments: 0..<50) func originsPackAndOrderAsTheirBytes(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let replicas = [ReplicaID.home(of: 1), .home(of: 2)]
    let left = Origin(replica: random.pick(replicas), sequence: random.next() >> 50)
    let right = Origin(replica: random.pick(replicas), sequence: random.next() >> 50)
    #expect(Origin(packed: left.packed) == left)
    #expect((left < right) == left.packed.lexicographicallyPrecedes(right.packed))
    #expect(Origin(packed: left.packed.dropLast()) == nil)
    #expect(Origin(packed: left.packed + [0]) == nil)
  }
}

import CBOR
import Merge
import SyncProtocol
import TestSupport
import Testing

/// Commits that nobody's encoder makes: each is refused, none traps.
struct HostileCommitTests {
  private static let header: CBORValue = .array([.unsigned(1), .unsigned(0), .unsigned(0)])
  private static let record: CBORValue = .bytes([UInt8](repeating: 1, count: 16))

  private static func update(_ keys: CBORValue...) -> CBORValue {
    .array([.unsigned(1), record] + keys)
  }

  private static func keys(_ changes: CBORValue...) -> CBORValue {
    .array([.array([.text("note"), .array(changes)])])
  }

  private static func decode(
    header: CBORValue = header, keys: CBORValue, open: [CBORValue] = [], sealed: [CBORValue] = []
  ) throws(WireError) -> Commit {
    try EncodedCommit(
      header: header.encoded, keys: keys.encoded, open: CBORValue.array(open).encoded,
      sealed: CBORValue.array(sealed).encoded
    ).decoded()
  }

  @Test func theSmallestCommitIsRead() throws {
    let commit = try Self.decode(keys: Self.keys(Self.update(.text("a"))), open: [.bool(true)])
    #expect(commit.changes.count == 1)
    #expect(commit.changes[0].writes == [FieldWrite(key: "a", value: .bool(true))])
  }

  @Test(
    arguments: [
      .array([]), keys(), keys(.array([])), keys(.array([.unsigned(1)])),
      keys(.array([.unsigned(9), record])), keys(.array([.unsigned(1), .bytes([1])])),
      keys(.array([.unsigned(2), record, .text("a")])), .array([.array([.text("note")])]),
      .array([.text("note")]), .text("note"),
      .array([.array([.text(String(repeating: "n", count: 49)), .array([update()])])]),
      keys(update(.unsigned(1))), keys(update(.text(String(repeating: "k", count: 257)))),
      keys(update(.bytes([0xff]))), keys(update(.array([.text("a")]))),
      keys(update(.array([.text("a"), .array([.bytes([1])])]))),
      keys(update(.array([.text("a"), .array([.bytes([UInt8](repeating: 0, count: 32))])]))),
      keys(update(.array([.text("a"), .array([.bytes([UInt8](repeating: 255, count: 32))])]))),
    ] as [CBORValue])
  func keysThatSayNothing(keys: CBORValue) {
    #expect(throws: WireError.self) { try Self.decode(keys: keys, open: [.null]) }
    #expect(throws: WireError.self) { try Self.decode(keys: keys, sealed: [.null]) }
  }

  /// Found by fuzzing: each says what a shorter encoding says.
  @Test(
    arguments: [
      .array([group("note", update(.text("a"))), group("note", update())]),
      .array([group("note", update(.text("a"))), group("file")]),
      .array([group("file"), group("note", update(.text("a")))]),
      keys(update(.array([.text("a"), .array([])]))),
    ] as [CBORValue])
  func thereIsOneEncoding(keys: CBORValue) {
    #expect(throws: WireError.self) { try Self.decode(keys: keys, open: [.null]) }
  }

  private static func group(_ type: String, _ changes: CBORValue...) -> CBORValue {
    .array([.text(type), .array(changes)])
  }

  @Test(
    arguments: [
      .array([]), .array([.unsigned(1), .unsigned(0)]), .null,
      .array([.unsigned(1), .unsigned(0), .unsigned(Position.countMax)]),
      .array([.unsigned(.max), .unsigned(0), .unsigned(0)]),
      .array([.unsigned(1), .unsigned(.max), .unsigned(0)]),
      .array([.unsigned(1), .unsigned(0), .unsigned(0), .bytes([1, 2, 3])]),
      .array([.unsigned(1), .unsigned(0), .unsigned(0), .null]),
      .array([.unsigned(1), .unsigned(0), .unsigned(0), .bytes([UInt8](repeating: 0, count: 32))]),
      .array([.unsigned(1), .unsigned(0), .unsigned(0), .null, .null]),
    ] as [CBORValue])
  func headersThatSayNothing(header: CBORValue) {
    #expect(throws: WireError.self) {
      try Self.decode(
        header: header, keys: Self.keys(Self.update(.text("a"))), open: [.bool(true)])
    }
  }

  @Test func aKeyIsWrittenOnce() {
    let shown = CBORValue.bytes([UInt8](repeating: 0, count: 31) + [1])
    let twice = [
      Self.update(.text("a"), .text("a")),
      Self.update(.text("a"), .array([.text("a"), .array([shown])])),
    ]
    for change in twice {
      #expect(throws: WireError.unexpected("key written twice")) {
        try Self.decode(keys: Self.keys(change), open: [.null, .null])
      }
    }
    let openAndSealed = Self.update(.text("a"), .bytes([0x61]))
    #expect(throws: WireError.unexpected("key written twice")) {
      try Self.decode(keys: Self.keys(openAndSealed), open: [.null], sealed: [.null])
    }
  }

  @Test func valuesAndKeysAreAsMany() {
    let keys = Self.keys(Self.update(.text("a"), .bytes([0x62])))
    let numbers: [(open: Int, sealed: Int)] = [(0, 1), (2, 1), (1, 0), (1, 2), (0, 0)]
    for (open, sealed) in numbers {
      #expect(throws: WireError.self) {
        try Self.decode(
          keys: keys, open: [CBORValue](repeating: .null, count: open),
          sealed: [CBORValue](repeating: .null, count: sealed))
      }
    }
  }

  @Test func thereIsALimitToChangesAcrossTypes() throws {
    func keys(_ counts: Int...) -> CBORValue {
      .array(
        zip(["note", "file"], counts).map { type, count in
          .array([.text(type), .array([CBORValue](repeating: Self.update(), count: count))])
        })
    }
    #expect(try Self.decode(keys: keys(200, 56)).changes.count == Commit.changeCountMax)
    #expect(throws: WireError.self) { try Self.decode(keys: keys(200, 57)) }
    #expect(throws: WireError.self) { try Self.decode(keys: keys(257)) }
  }

  @Test func thereIsALimitToWrites() throws {
    func change(_ count: Int) -> CBORValue {
      .array([.unsigned(1), Self.record] + (0..<count).map { .text("k\($0)") })
    }
    let most = EncodedCommit.writeCountMax
    let values = [CBORValue](repeating: .null, count: most)
    let commit = try Self.decode(keys: Self.keys(change(most)), open: values)
    #expect(commit.changes[0].writes.count == most)
    #expect(throws: WireError.self) {
      try Self.decode(keys: Self.keys(change(most + 1)), open: values + [.null])
    }
  }

  @Test func thereIsALimitToShownSiblings() throws {
    func change(_ count: Int) -> CBORValue {
      let origin = Origin(replica: ReplicaID(device: Self.device, home: 1), sequence: 1)
      let shown = [CBORValue](repeating: .bytes(origin.packed), count: count)
      return Self.update(.array([.text("status"), .array(shown)]))
    }
    let most = EncodedCommit.shownCountMax
    let commit = try Self.decode(keys: Self.keys(change(most)), open: [.null])
    #expect(commit.changes[0].writes[0].shown.count == most)
    #expect(throws: WireError.self) {
      try Self.decode(keys: Self.keys(change(most + 1)), open: [.null])
    }
  }

  private static let device = Generator(seed: 1).withID()

  @Test(arguments: 0..<300) func alteredPartsNeverTrap(seed: UInt64) {
    var generator = Generator(seed: seed % 10)
    let commit = generator.encodedCommit()
    var random = SplitMix64(seed: seed)
    var parts = [commit.header, commit.keys, commit.open, commit.sealed ?? []]
    for _ in 0..<2 {
      let part = random.pick([0, 1, 1, 2, 3])
      let index = Int.random(in: parts[part].indices, using: &random)
      parts[part][index] = UInt8.random(in: 0...255, using: &random)
    }
    let altered = EncodedCommit(
      header: parts[0], keys: parts[1], open: parts[2], sealed: parts[3])
    do throws(WireError) {
      let commit = try altered.decoded()
      #expect(!commit.changes.isEmpty)
    } catch {
      return
    }
  }
}

extension Generator {
  fileprivate func withID() -> DeviceID {
    var generator = self
    return generator.id()
  }
}

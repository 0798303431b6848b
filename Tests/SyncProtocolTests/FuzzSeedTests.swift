import CBOR
import SyncProtocol
import TestSupport
import Testing

/// Writes seeds for the fuzz targets of what crosses the wire, where they are asked for.
@Suite(.enabled(if: FuzzSeeds.requested != nil, "SATCHEL_FUZZ_SEEDS names no folder"))
struct FuzzSeedTests {
  private static let targets = [
    "EncodedCommit": "commit", "LogPage": "page", "LogEntry": "page", "Statement": "statement",
    "SignedStatement": "statement", "StatementBody": "statement", "Invitation": "token",
    "Enrolment": "token",
  ]

  @Test func messagesAreWritten() throws {
    let seeds = try #require(FuzzSeeds.requested)
    var generator = Generator(seed: 1)
    var used: Set<String> = []
    for wireCase in WireCase.all {
      let target = Self.targets[wireCase.name] ?? "messages"
      used.insert(target)
      for number in 0..<(target == "messages" ? 2 : 8) {
        let bytes = wireCase.sample(&generator)
        guard bytes.count < 4096 else { continue }
        #expect(try wireCase.recode(bytes) == bytes)
        try seeds.write(bytes, for: target, name: "\(wireCase.name)-\(number)")
      }
    }
    #expect(used == Set(Self.targets.values).union(["messages"]))
  }

  @Test func valuesAndTokensAreWritten() throws {
    let seeds = try #require(FuzzSeeds.requested)
    var generator = Generator(seed: 2)
    for number in 0..<20 {
      try seeds.write(generator.value(depth: 3).encoded, for: "cbor", name: "value-\(number)")
    }
    try seeds.write(Array(generator.invitation().token.utf8), for: "token", name: "invitation")
    try seeds.write(Array(generator.enrolment().token.utf8), for: "token", name: "enrolment")
  }
}

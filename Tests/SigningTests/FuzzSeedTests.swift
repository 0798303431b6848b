import Signing
import TestSupport
import Testing

/// Writes seeds for the fuzz target of signed notes, where they are asked for.
@Suite(.enabled(if: FuzzSeeds.requested != nil, "SATCHEL_FUZZ_SEEDS names no folder"))
struct FuzzSeedTests {
  @Test func checkpointsAreWritten() throws {
    let seeds = try #require(FuzzSeeds.requested)
    let key = SigningKey(random: SeededRandom(seed: 1))
    for (number, lines) in [[], ["one"], ["one", "– two"]].enumerated() {
      let checkpoint = try Checkpoint(
        origin: "satchel.example/ledger", size: UInt64(number) * 1_000_000,
        rootHash: Merkle.leafHash([1]), extensionLines: lines)
      let note = try checkpoint.signed(by: key)
      #expect(try SignedNote(note.encoded).text == checkpoint.text)
      try seeds.write(note.encoded, for: "note", name: "note-\(number)")
      try seeds.write(Array(checkpoint.text.utf8), for: "note", name: "checkpoint-\(number)")
    }
  }
}

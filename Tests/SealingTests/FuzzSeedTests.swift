import Sealing
import TestSupport
import Testing

/// Writes seeds for the fuzz targets of age files, where they are asked for.
@Suite(.enabled(if: FuzzSeeds.requested != nil, "SATCHEL_FUZZ_SEEDS names no folder"))
struct FuzzSeedTests {
  @Test func ageFilesAreWritten() throws {
    let seeds = try #require(FuzzSeeds.requested)
    let random = SeededRandom(seed: FuzzSeeds.ageKeySeed)
    let key = ExchangeKey(random: SeededRandom(seed: FuzzSeeds.ageKeySeed))
    let stranger = ExchangeKey(random: random)
    let recipients: [AgeRecipient] = [.key(stranger.publicKey), .key(key.publicKey)]
    for count in [0, 1, 100, 2000] {
      let plaintext = [UInt8](repeating: 0x61, count: count)
      let file = try AgeFileRunner.encrypt(plaintext, to: recipients, random: random)
      #expect(try AgeFileRunner.decrypt(file, with: [.key(key)]).plaintext == plaintext)
      try seeds.write(file, for: "age", name: "\(count)")
      let armored = try AgeFileRunner.encrypt(
        plaintext, to: recipients, form: .armored, random: random)
      try seeds.write(armored, for: "age", name: "\(count)-armored")
      try seeds.write(armored, for: "armor", name: "\(count)")
    }
  }
}

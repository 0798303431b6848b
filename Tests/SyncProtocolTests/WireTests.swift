import CBOR
import Foundation
import SyncProtocol
import TestSupport
import Testing

/// Whatever crosses the wire comes back as it was, and nothing else does.
struct WireTests {
  @Test func everyTypeHasACase() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Sources/SyncProtocol")
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    var names: Set<String> = []
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /(?:struct|enum|extension) (\w+): (?:\w+, )*WireCodable/) {
        names.insert(String(match.1))
      }
    }
    #expect(names.count > 60)
    let tested = WireCase.all.compactMap { $0.name.split(separator: ".").last.map(String.init) }
    #expect(names.subtracting(tested).isEmpty)
  }

  @Test(arguments: WireCase.all) func comesBackAsItWas(wire: WireCase) throws {
    for seed in 0..<40 as Range<UInt64> {
      var generator = Generator(seed: seed)
      #expect(try wire.comesBack(&generator))
    }
  }

  @Test(arguments: WireCase.all) func isRefusedWhenCutAnywhere(wire: WireCase) {
    for seed in 0..<3 as Range<UInt64> {
      var generator = Generator(seed: seed)
      let bytes = wire.sample(&generator)
      for count in 0..<bytes.count {
        let cut = Array(bytes.prefix(count))
        if Self.decodes(cut, wire) { Issue.record("\(count) of \(bytes.count) bytes") }
      }
      #expect(!Self.decodes(bytes + [0], wire))
    }
  }

  private static func decodes(_ bytes: [UInt8], _ wire: WireCase) -> Bool {
    do throws(WireError) {
      _ = try wire.recode(bytes)
      return true
    } catch {
      return false
    }
  }

  /// What still decodes after a change encodes to exactly the changed bytes: there is one encoding.
  @Test(arguments: WireCase.all) func alteredBytesAreRefusedOrMeanThemselves(wire: WireCase) {
    for seed in 0..<4 as Range<UInt64> {
      var generator = Generator(seed: seed)
      let bytes = wire.sample(&generator)
      for _ in 0..<100 {
        let altered = Self.altered(bytes, &generator.random)
        do throws(WireError) {
          let again = try wire.recode(altered)
          if again != altered { Issue.record("seed \(seed): two encodings of one value") }
        } catch {
          continue
        }
      }
    }
  }

  private static func altered(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    for _ in 0...Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
      // Heads are near the start: they are hit more often.
      let range = random.oneIn(2) ? 0..<min(8, bytes.count) : bytes.indices
      let index = Int.random(in: range, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes.remove(at: index)
      default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
      }
    }
    return bytes
  }

  @Test(arguments: WireCase.all) func randomBytesNeverTrap(wire: WireCase) {
    var random = SplitMix64(seed: 99)
    for _ in 0..<200 {
      let bytes = random.bytes(Int.random(in: 0...60, using: &random))
      do throws(WireError) {
        let again = try wire.recode(bytes)
        #expect(again == bytes)
      } catch {
        continue
      }
    }
  }
}

import Sealing
import Signing
import TestSupport
import Testing

struct ArmorTests {
  private let random = SeededRandom(seed: 61)

  private func armor(_ bytes: [UInt8], pieceByteCount: Int) -> [UInt8] {
    let writer = ArmorWriter()
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
      bytes[start...].prefix(pieceByteCount).withUnsafeBytes { piece in
        writer.update(piece) { text += $0 }
      }
    }
    writer.finish { text += $0 }
    return text
  }

  private func read(_ text: [UInt8], pieceByteCount: Int = 1_000) throws -> [UInt8] {
    let reader = ArmorReader()
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: text.count, by: pieceByteCount) {
      try text[start...].prefix(pieceByteCount).withUnsafeBytes { piece in
        try reader.update(piece) { bytes.append(contentsOf: $0) }
      }
    }
    try reader.finish { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Found by fuzzing: libsodium takes bytes beyond ASCII for digits of base 64.
  @Test func bytesBeyondASCIIAreRefused() throws {
    let text = armor(random.bytes(96), pieceByteCount: 96)
    let start = try #require(text.firstIndex(of: 10)) + 1
    for byte in UInt8(0x80)...0xff {
      var altered = text
      altered[start + 5] = byte
      #expect(throws: AgeError.armorMalformed) { try read(altered) }
    }
  }

  @Test(arguments: [0, 1, 47, 48, 49, 95, 96, 97, 5_000])
  func bothWays(_ byteCount: Int) throws {
    let bytes = random.bytes(byteCount)
    for pieceByteCount in [1, 7, 48, 10_000] {
      let text = armor(bytes, pieceByteCount: pieceByteCount)
      let lines = text.split(separator: 10)
      #expect(lines.allSatisfy { $0.count <= 64 })
      #expect(lines.count == (byteCount + 47) / 48 + 2)
      #expect(try read(text, pieceByteCount: pieceByteCount) == bytes)
    }
  }

  @Test func whiteSpaceAroundHasALimit() throws {
    let bytes = random.bytes(100)
    let text = armor(bytes, pieceByteCount: 100)
    let blank = [UInt8](repeating: 10, count: 1_024)
    #expect(try read(blank + text + blank) == bytes)
    #expect(throws: AgeError.armorMalformed) { try read(blank + [10] + text) }
    #expect(throws: AgeError.armorMalformed) { try read(text + blank + [10]) }
    #expect(throws: AgeError.armorMalformed) {
      try read([UInt8](repeating: 32, count: 100_000))
    }
  }

  /// Found by fuzzing: armor behind more white space than there may be was told from a file of another
  /// kind by how much of it had arrived.
  @Test(arguments: [1_023, 1_024, 1_025, 1_026, 3_000])
  func howAFileArrivesDoesNotDecideWhatItIs(blankCount: Int) throws {
    let file =
      [UInt8](repeating: 10, count: blankCount) + armor(random.bytes(100), pieceByteCount: 100)
    let identity = AgeIdentity.key(ExchangeKey(random: random))
    let whole = try AgeFileRunner.decrypt(file, with: [identity])
    for pieceByteCount in [1, 61, 1_024, 1_025] {
      let pieces = try AgeFileRunner.decrypt(
        file, with: [identity], pieceByteCount: pieceByteCount)
      #expect(pieces.error == whole.error)
    }
    #expect(whole.error == .notAnAgeFile)
  }

  @Test func cutsAndAdditionsAreRefused() {
    let text = armor(random.bytes(100), pieceByteCount: 100)
    // The last line feed may be missing.
    for count in 0..<(text.count - 1) {
      #expect(throws: AgeError.armorMalformed, "\(count)") { try read(Array(text[..<count])) }
    }
    #expect(throws: AgeError.armorMalformed) { try read(text + text) }
    #expect(throws: AgeError.armorMalformed) { try read(text + [33]) }
  }
}

import Sealing
import Signing
import TestSupport
import Testing

struct AgePayloadTests {
  private let random = SeededRandom(seed: 21)

  @Test(arguments: [0, 1, 15, 65_535, 65_536, 65_537, 131_072, 131_073, 300_000])
  func opensWhateverThePieces(_ byteCount: Int) throws {
    let fileKey = FileKey(random: random)
    let plaintext = random.bytes(byteCount)
    for pieceByteCount in [977, 65_536, 65_552, 1 << 20] {
      let payload = PayloadRunner.seal(
        plaintext, fileKey: fileKey, random: random, pieceByteCount: pieceByteCount)
      #expect(payload.count == AgePayload.payloadByteCount(plaintextByteCount: byteCount))
      #expect(AgePayload.plaintextByteCount(payloadByteCount: payload.count) == byteCount)
      let outcome = try PayloadRunner.open(
        payload, fileKey: fileKey, pieceByteCount: pieceByteCount)
      #expect(outcome.error == nil)
      #expect(outcome.plaintext == plaintext)
    }
  }

  /// More chunks than are worked on at once, around the batches' edges.
  @Test(arguments: [2, 63, 64, 65, 66, 128, 129])
  func opensWhateverTheBatches(_ chunkCount: Int) throws {
    let fileKey = FileKey(random: random)
    for byteCount in [chunkCount * 65_536, chunkCount * 65_536 + 1] {
      let plaintext = random.bytes(byteCount)
      let payload = PayloadRunner.seal(
        plaintext, fileKey: fileKey, random: random, pieceByteCount: .max)
      // One chunk after the other, by the other interface.
      let key = PayloadKey(fileKey: fileKey, nonce: Array(payload[..<16]))
      let count = AgePayload.chunkCount(plaintextByteCount: byteCount)
      for index in [0, 62, 63, 64, count - 1] where index < count {
        let range = try #require(AgePayload.range(ofChunk: index, payloadByteCount: payload.count))
        let expected = Array(plaintext.dropFirst(index * 65_536).prefix(65_536))
        #expect(open(payload[range], key, index, isLast: index == count - 1) == expected)
      }
      let outcome = try PayloadRunner.open(payload, fileKey: fileKey, pieceByteCount: .max)
      #expect(outcome.error == nil)
      #expect(outcome.plaintext == plaintext)
    }
  }

  /// Chunks of a batch are opened at once; what lies behind a bad one is not given out all the same.
  @Test func aBadChunkEndsTheBatch() throws {
    let fileKey = FileKey(random: random)
    let plaintext = random.bytes(20 * 65_536)
    let payload = PayloadRunner.seal(plaintext, fileKey: fileKey, random: random)
    for index in 0..<20 {
      var altered = payload
      altered[16 + index * 65_552 + Int(random.next() % 65_552)] ^= 1 << UInt8(random.next() % 8)
      let outcome = try PayloadRunner.open(altered, fileKey: fileKey, pieceByteCount: .max)
      #expect(outcome.error == .payloadAltered)
      #expect(outcome.plaintext == Array(plaintext[..<(index * 65_536)]), "\(index)")
    }
  }

  /// An authentic end in the middle of a batch is the last that is given out.
  @Test func anEndWithChunksBehindIt() throws {
    let fileKey = FileKey(random: random)
    let plaintext = random.bytes(5 * 65_536)
    let nonce = random.bytes(16)
    let key = PayloadKey(fileKey: fileKey, nonce: nonce)
    var payload = nonce
    for index in 0..<5 {
      var sealed = [UInt8](repeating: 0, count: 65_552)
      sealed.withUnsafeMutableBytes { output in
        plaintext[(index * 65_536)...].prefix(65_536).withUnsafeBytes {
          key.sealChunk(at: index, isLast: index >= 2, $0, into: output)
        }
      }
      payload += sealed
    }
    let outcome = try PayloadRunner.open(payload, fileKey: fileKey, pieceByteCount: .max)
    #expect(outcome.error == .payloadAltered)
    #expect(outcome.plaintext == Array(plaintext[..<(3 * 65_536)]))
  }

  @Test func anyChunkOpensAlone() throws {
    let fileKey = FileKey(random: random)
    let plaintext = random.bytes(200_000)
    let payload = PayloadRunner.seal(plaintext, fileKey: fileKey, random: random)
    let key = PayloadKey(fileKey: fileKey, nonce: Array(payload[..<16]))
    for index in [3, 0, 2, 1] {
      let range = try #require(AgePayload.range(ofChunk: index, payloadByteCount: payload.count))
      let expected = plaintext.dropFirst(index * 65_536).prefix(65_536)
      #expect(open(payload[range], key, index, isLast: index == 3) == Array(expected))
      #expect(open(payload[range], key, index + 1, isLast: index == 3) == nil)
      #expect(open(payload[range], key, index, isLast: index != 3) == nil)
    }
    #expect(AgePayload.range(ofChunk: 4, payloadByteCount: payload.count) == nil)
    #expect(AgePayload.range(ofChunk: -1, payloadByteCount: payload.count) == nil)
  }

  @Test func chunksSealedApartAreThePayload() throws {
    let fileKey = FileKey(random: random)
    let plaintext = random.bytes(150_000)
    let nonce = random.bytes(16)
    let key = PayloadKey(fileKey: fileKey, nonce: nonce)
    var payload = nonce
    for index in 0..<AgePayload.chunkCount(plaintextByteCount: plaintext.count) {
      let chunk = plaintext.dropFirst(index * 65_536).prefix(65_536)
      var sealed = [UInt8](repeating: 0, count: chunk.count + 16)
      sealed.withUnsafeMutableBytes { output in
        chunk.withUnsafeBytes { key.sealChunk(at: index, isLast: index == 2, $0, into: output) }
      }
      payload += sealed
    }
    let outcome = try PayloadRunner.open(payload, fileKey: fileKey)
    #expect(outcome.error == nil)
    #expect(outcome.plaintext == plaintext)
  }

  @Test func everyCutIsNoticed() throws {
    let fileKey = FileKey(random: random)
    let plaintext = random.bytes(65_536 + 40)
    let payload = PayloadRunner.seal(plaintext, fileKey: fileKey, random: random)
    let secondChunk = 16 + 65_552
    for count in [0, 15, 16, 17, 31, 32, 1_000, secondChunk - 1] + (secondChunk..<payload.count) {
      let outcome = try PayloadRunner.open(Array(payload[..<count]), fileKey: fileKey)
      #expect(outcome.error != nil, "\(count)")
      #expect(plaintext.starts(with: outcome.plaintext), "\(count)")
    }
    let whole = try PayloadRunner.open(Array(payload[..<secondChunk]), fileKey: fileKey)
    #expect(whole.error == .payloadTruncated)
    #expect(whole.plaintext.count == 65_536)
  }

  @Test func everyBitIsCovered() throws {
    let fileKey = FileKey(random: random)
    let plaintext = random.bytes(70)
    let payload = PayloadRunner.seal(plaintext, fileKey: fileKey, random: random)
    for index in payload.indices {
      var altered = payload
      altered[index] ^= 1 << UInt8(random.next() % 8)
      let outcome = try PayloadRunner.open(altered, fileKey: fileKey)
      #expect(outcome.error == .payloadAltered, "\(index)")
      #expect(outcome.plaintext.isEmpty, "\(index)")
    }
  }

  @Test func swappedChunksAreNoticed() throws {
    let fileKey = FileKey(random: random)
    var payload = PayloadRunner.seal(random.bytes(200_000), fileKey: fileKey, random: random)
    let first = Array(payload[16..<16 + 65_552])
    payload.replaceSubrange(16..<16 + 65_552, with: payload[16 + 65_552..<16 + 2 * 65_552])
    payload.replaceSubrange(16 + 65_552..<16 + 2 * 65_552, with: first)
    let outcome = try PayloadRunner.open(payload, fileKey: fileKey)
    #expect(outcome.error == .payloadAltered)
    #expect(outcome.plaintext.isEmpty)
  }

  @Test func anErrorIsFinal() throws {
    let fileKey = FileKey(random: random)
    let payload = PayloadRunner.seal(random.bytes(65_600), fileKey: fileKey, random: random)
    let opener = PayloadOpener(fileKey: fileKey)
    var altered = payload
    altered[20] ^= 1
    #expect(throws: AgeError.payloadAltered) {
      try altered.withUnsafeBytes { try opener.update($0) { _ in } }
    }
    #expect(throws: AgeError.payloadAltered) {
      try payload.withUnsafeBytes { try opener.update($0) { _ in } }
    }
    #expect(throws: AgeError.payloadAltered) { try opener.finish { _ in } }
  }

  @Test func impossibleSizes() {
    for size in [-1, 0, 15, 16, 31, 16 + 65_552 + 1, 16 + 65_552 + 16, Int.max] {
      #expect(AgePayload.plaintextByteCount(payloadByteCount: size) == nil, "\(size)")
    }
    #expect(AgePayload.plaintextByteCount(payloadByteCount: 32) == 0)
    #expect(AgePayload.plaintextByteCount(payloadByteCount: 16 + 65_552 + 17) == 65_537)
  }

  private func open(
    _ sealed: ArraySlice<UInt8>, _ key: PayloadKey, _ index: Int, isLast: Bool
  ) -> [UInt8]? {
    var plaintext = [UInt8](repeating: 0, count: sealed.count - 16)
    let isOpen = plaintext.withUnsafeMutableBytes { output in
      sealed.withUnsafeBytes { key.openChunk(at: index, isLast: isLast, $0, into: output) }
    }
    return isOpen ? plaintext : nil
  }
}

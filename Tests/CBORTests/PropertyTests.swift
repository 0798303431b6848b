import CBOR
import TestSupport
import Testing

struct PropertyTests {
  @Test(arguments: 0..<8)
  func whatIsEncodedDecodesToItself(_ seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    for _ in 0..<40 {
      let value = CBORValue.random(depth: 3, using: &generator)
      let bytes = value.encoded
      let decoded = try CBORValue(decoding: bytes)
      #expect(decoded == value)
      #expect(decoded.hashValue == value.hashValue)
      #expect(decoded.encoded == bytes)
      var reader = CBORReader(bytes)
      #expect(try Array(reader.raw()) == bytes)
    }
  }

  @Test func everyPrefixIsRefusedAsTruncated() throws {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<20 {
      let bytes = CBORValue.random(depth: 2, using: &generator).encoded
      let step = max(1, bytes.count / 300)
      for end in stride(from: 0, to: bytes.count, by: step) {
        let error = #expect(throws: CBORError.self) { try CBORValue(decoding: bytes[..<end]) }
        #expect(error == .truncated(offset: error?.offset ?? -1))
      }
    }
  }

  /// There is one encoding a value: bytes that decode are the bytes that their value encodes to.
  @Test func changedBytesAreRefusedOrCanonical() {
    var generator = SplitMix64(seed: 2)
    for _ in 0..<3_000 {
      var bytes = CBORValue.random(depth: 2, using: &generator).encoded
      bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
        in: 0...255, using: &generator)
      checkDecoding(bytes)
    }
  }

  @Test func randomBytesAreRefusedOrCanonical() {
    var generator = SplitMix64(seed: 3)
    for _ in 0..<5_000 {
      let count = Int.random(in: 0...24, using: &generator)
      checkDecoding((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
  }

  @Test func allInputsOfTwoBytesAreRefusedOrCanonical() {
    for first in UInt8.min...UInt8.max {
      checkDecoding([first])
      for second in UInt8.min...UInt8.max { checkDecoding([first, second]) }
    }
  }

  private func checkDecoding(_ bytes: [UInt8]) {
    let value = Result { try CBORValue(decoding: bytes) }
    let raw = Result {
      var reader = CBORReader(bytes)
      let item = try reader.raw()
      try reader.finish()
      return item
    }
    switch (value, raw) {
    case (.success(let value), .success(let item)):
      if value.encoded != bytes || Array(item) != bytes { Issue.record("not canonical: \(bytes)") }
    case (.failure(let left as CBORError), .failure(let right as CBORError)):
      if left != right { Issue.record("\(left) and \(right): \(bytes)") }
      if left.offset > bytes.count { Issue.record("\(left) beyond the input") }
    default: Issue.record("value() and raw() disagree: \(bytes)")
    }
  }
}

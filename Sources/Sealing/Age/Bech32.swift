/// Bech32 (BIP 173) without its limit on the length, as age's keys are written.
///
/// Works from buffer to buffer, because what it codes may be a secret. All letters are of the case
/// of the prefix; the checksum is over lower case.
struct Bech32 {
  /// What stands before the separator, in the case that the whole text has.
  let prefix: [UInt8]
  private let isUpperCase: Bool

  static let recipient = Bech32("age")
  static let identity = Bech32("AGE-SECRET-KEY-")

  private static let separator = UInt8(ascii: "1")
  private static let checksumCount = 6
  private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
  private static let values: [UInt8?] = (0...255).map { byte in
    alphabet.firstIndex(of: byte).map { UInt8($0) }
  }

  private init(_ prefix: StaticString) {
    self.prefix = prefix.withUTF8Buffer { Array($0) }
    isUpperCase = self.prefix.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
  }

  /// How many characters the text for `byteCount` bytes has.
  func textCount(byteCount: Int) -> Int {
    prefix.count + 1 + (byteCount * 8 + 4) / 5 + Self.checksumCount
  }

  /// Writes the text for `bytes` into `text`, which has ``textCount(byteCount:)`` bytes.
  func encode(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) {
    precondition(text.count == textCount(byteCount: bytes.count), "a buffer of the text's size")
    text.copyBytes(from: prefix)
    text[prefix.count] = Self.separator
    var checksum = checksumOfPrefix()
    var position = prefix.count + 1
    var bits: UInt32 = 0
    var bitCount = 0
    func emit(_ group: UInt8) {
      text[position] = letter(group)
      position += 1
    }
    for byte in bytes {
      bits = (bits << 8 | UInt32(byte)) & 0xfff
      bitCount += 8
      while bitCount >= 5 {
        bitCount -= 5
        let group = UInt8(bits >> UInt32(bitCount) & 31)
        checksum.add(group)
        emit(group)
      }
    }
    if bitCount > 0 {
      let group = UInt8(bits << UInt32(5 - bitCount) & 31)
      checksum.add(group)
      emit(group)
    }
    for group in checksum.finish() { emit(group) }
  }

  /// Fills `output` from `text`. `false` unless `text` is exactly what ``encode(_:into:)`` writes.
  func decode(_ text: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Bool {
    guard text.count == textCount(byteCount: output.count), text.starts(with: prefix),
      text[prefix.count] == Self.separator
    else { return false }
    var checksum = checksumOfPrefix()
    var bits: UInt32 = 0
    var bitCount = 0
    var position = 0
    for (index, character) in text[(prefix.count + 1)...].enumerated() {
      guard let group = value(character) else { return false }
      checksum.add(group)
      guard index + prefix.count + 1 < text.count - Self.checksumCount else { continue }
      bits = (bits << 5 | UInt32(group)) & 0xfff
      bitCount += 5
      guard bitCount >= 8 else { continue }
      bitCount -= 8
      output[position] = UInt8(bits >> UInt32(bitCount) & 0xff)
      position += 1
    }
    let leftover = bits & ((1 << UInt32(bitCount)) - 1)
    return leftover == 0 && checksum.isComplete
  }

  private func letter(_ group: UInt8) -> UInt8 {
    let letter = Self.alphabet[Int(group)]
    let isLetter = letter >= UInt8(ascii: "a")
    return isUpperCase && isLetter ? letter & ~0x20 : letter
  }

  private func value(_ character: UInt8) -> UInt8? {
    let isLower = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character)
    let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(character)
    guard !(isUpperCase ? isLower : isUpper) else { return nil }
    return Self.values[Int(isUpper ? character | 0x20 : character)]
  }

  private func checksumOfPrefix() -> Checksum {
    var checksum = Checksum()
    let lower = prefix.map { isUpperCase && $0 >= UInt8(ascii: "A") ? $0 | 0x20 : $0 }
    for byte in lower { checksum.add(byte >> 5) }
    checksum.add(0)
    for byte in lower { checksum.add(byte & 31) }
    return checksum
  }

  /// The BCH code of BIP 173, "Checksum".
  private struct Checksum {
    private var state: UInt32 = 1
    private static let generators: [UInt32] = [
      0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3,
    ]

    /// Whether the groups so far, checksum included, are a code word.
    var isComplete: Bool { state == 1 }

    mutating func add(_ group: UInt8) {
      let top = state >> 25
      state = (state & 0x1ff_ffff) << 5 ^ UInt32(group)
      for (bit, generator) in Self.generators.enumerated() where top >> UInt32(bit) & 1 == 1 {
        state ^= generator
      }
    }

    /// The six groups that complete the code word.
    func finish() -> [UInt8] {
      var copy = self
      for _ in 0..<Bech32.checksumCount { copy.add(0) }
      let code = copy.state ^ 1
      return (0..<Bech32.checksumCount).map { UInt8(code >> UInt32(5 * (5 - $0)) & 31) }
    }
  }
}

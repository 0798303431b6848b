/// Groups of eleven bits in a run of bytes, most significant bit first.
enum BitGroups {
  /// The group at `index`, as a number below 2,048.
  static func group(_ index: Int, of bytes: UnsafeRawBufferPointer) -> Int {
    var value = 0
    for bit in index * WordList.bitsPerWord..<(index + 1) * WordList.bitsPerWord {
      value = value << 1 | Int(bytes[bit / 8] >> (7 - bit % 8) & 1)
    }
    return value
  }

  /// Sets the bits of the group at `index`, which were zero.
  static func set(_ index: Int, to value: Int, in bytes: UnsafeMutableRawBufferPointer) {
    for offset in 0..<WordList.bitsPerWord {
      let bit = index * WordList.bitsPerWord + offset
      let isSet = value >> (WordList.bitsPerWord - 1 - offset) & 1
      bytes[bit / 8] |= UInt8(isSet << (7 - bit % 8))
    }
  }
}

/// Writes items one after the other, each in its shortest form.
///
/// What the writer cannot see is the caller's to keep: as many items as a header declared, and the
/// keys of a map in the order of their encodings (``CBORMap`` does that by itself).
public struct CBORWriter: Sendable {
  /// What was written so far.
  public private(set) var bytes: [UInt8]

  /// - Parameter capacity: how many bytes to make room for at once.
  public init(capacity: Int = 0) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  public mutating func unsigned(_ value: UInt64) { head(.unsigned, value) }

  public mutating func integer(_ value: Int64) {
    if value < 0 {
      head(.negative, UInt64(bitPattern: ~value))
    } else {
      head(.unsigned, UInt64(value))
    }
  }

  public mutating func bytes(_ value: [UInt8]) {
    head(.bytes, UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  public mutating func bytes(_ value: ArraySlice<UInt8>) {
    head(.bytes, UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  public mutating func bytes(_ value: UnsafeRawBufferPointer) {
    head(.bytes, UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// A byte string that `body` appends itself.
  ///
  /// - Precondition: exactly `count` bytes.
  public mutating func bytes(count: Int, _ body: (inout [UInt8]) -> Void) {
    head(.bytes, UInt64(count))
    let end = bytes.count + count
    body(&bytes)
    precondition(bytes.count == end, "as many bytes as announced")
  }

  public mutating func text(_ value: String) {
    var value = value
    value.withUTF8 { text in
      head(.text, UInt64(text.count))
      bytes.append(contentsOf: text)
    }
  }

  /// The UTF-8 of a text as a byte string.
  public mutating func bytes(of value: String) {
    var value = value
    value.withUTF8 { text in
      head(.bytes, UInt64(text.count))
      bytes.append(contentsOf: text)
    }
  }

  /// Makes room for more bytes at once.
  public mutating func reserve(_ byteCount: Int) {
    bytes.reserveCapacity(bytes.count + byteCount)
  }

  /// The header of an array; `count` items follow.
  public mutating func array(count: Int) {
    precondition(count >= 0)
    head(.array, UInt64(count))
  }

  /// The header of a map; `count` pairs of key and value follow, sorted by the encoded key.
  public mutating func map(count: Int) {
    precondition(count >= 0)
    head(.map, UInt64(count))
  }

  public mutating func bool(_ value: Bool) { bytes.append(value ? Head.true : Head.false) }

  public mutating func null() { bytes.append(Head.null) }

  public mutating func value(_ value: CBORValue) {
    switch value {
    case .unsigned(let value): head(.unsigned, value)
    case .negative(let value): head(.negative, value)
    case .bytes(let value): bytes(value)
    case .text(let value): text(value)
    case .array(let items):
      array(count: items.count)
      for item in items { self.value(item) }
    case .map(let map):
      self.map(count: map.count)
      for entry in map.entries {
        self.value(entry.key)
        self.value(entry.value)
      }
    case .bool(let value): bool(value)
    case .null: null()
    }
  }

  /// Appends items that are encoded already, as they are.
  public mutating func raw(_ encoded: [UInt8]) { bytes.append(contentsOf: encoded) }

  /// Appends items that are encoded already, as they are.
  public mutating func raw(_ encoded: ArraySlice<UInt8>) { bytes.append(contentsOf: encoded) }

  /// Appends items that are encoded already, as they are.
  public mutating func raw(_ encoded: some Collection<UInt8>) {
    bytes.append(contentsOf: encoded)
  }

  private mutating func head(_ major: Head.Major, _ argument: UInt64) {
    let type = major.rawValue << 5
    switch argument {
    case 0..<24: bytes.append(type | UInt8(truncatingIfNeeded: argument))
    case 24...0xff:
      bytes.append(type | 24)
      bytes.append(UInt8(truncatingIfNeeded: argument))
    case 0x100...0xffff: append(type | 25, argument, byteCount: 2)
    case 0x1_0000...0xffff_ffff: append(type | 26, argument, byteCount: 4)
    default: append(type | 27, argument, byteCount: 8)
    }
  }

  private mutating func append(_ initial: UInt8, _ argument: UInt64, byteCount: Int) {
    bytes.append(initial)
    var shift = UInt64(8 * byteCount)
    while shift > 0 {
      shift -= 8
      bytes.append(UInt8(truncatingIfNeeded: argument >> shift))
    }
  }
}

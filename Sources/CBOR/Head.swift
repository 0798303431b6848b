/// The first bytes of an item: its major type and its argument (RFC 8949 §3).
struct Head {
  enum Major: UInt8 {
    case unsigned = 0
    case negative = 1
    case bytes = 2
    case text = 3
    case array = 4
    case map = 5
    case tag = 6
    case simple = 7
  }

  static let `false`: UInt8 = 0xf4
  static let `true`: UInt8 = 0xf5
  static let null: UInt8 = 0xf6

  let kind: CBORKind
  /// The value, length or count; 0 or 1 for a boolean; 0 for null.
  let argument: UInt64
  let byteCount: Int

  /// Reads the head at `index`; `offset` is what an error says.
  init(_ bytes: ArraySlice<UInt8>, at index: Int, offset: Int) throws(CBORError) {
    guard index < bytes.endIndex else { throw .truncated(offset: offset) }
    let initial = bytes[index]
    let kind = try Head.kind(initial, offset: offset)
    self.kind = kind
    let information = initial & 0x1f
    if kind == .bool || kind == .null {
      argument = initial == Head.true ? 1 : 0
      byteCount = 1
    } else if information < 24 {
      argument = UInt64(information)
      byteCount = 1
    } else {
      let size = 1 << Int(information - 24)
      guard size < bytes.endIndex - index else { throw .truncated(offset: offset) }
      var value: UInt64 = 0
      for position in index + 1...index + size { value = value << 8 | UInt64(bytes[position]) }
      // The smallest argument that needs this form: 24, 2^8, 2^16, 2^32.
      guard value >= (size == 1 ? 24 : 1 << UInt64(size * 4)) else {
        throw .notShortest(offset: offset)
      }
      argument = value
      byteCount = 1 + size
    }
  }

  /// What an initial byte announces; throws when the subset has no such item.
  static func kind(_ initial: UInt8, offset: Int) throws(CBORError) -> CBORKind {
    let information = initial & 0x1f
    guard !(28...30).contains(information) else { throw .reservedHead(offset: offset) }
    switch Major(rawValue: initial >> 5) {
    case .unsigned where information < 28: return .unsigned
    case .negative where information < 28: return .negative
    case .bytes where information < 28: return .bytes
    case .text where information < 28: return .text
    case .array where information < 28: return .array
    case .map where information < 28: return .map
    case .bytes, .text, .array, .map: throw .indefiniteLength(offset: offset)
    case .tag where information < 28: throw .tag(offset: offset)
    case .simple: return try simpleKind(information, offset: offset)
    default: throw .reservedHead(offset: offset)
    }
  }

  private static func simpleKind(
    _ information: UInt8, offset: Int
  ) throws(CBORError) -> CBORKind {
    switch information {
    case 20, 21: return .bool
    case 22: return .null
    case 23: throw .undefined(offset: offset)
    case 25...27: throw .float(offset: offset)
    case 31: throw .indefiniteLength(offset: offset)
    default: throw .simpleValue(offset: offset)
    }
  }
}

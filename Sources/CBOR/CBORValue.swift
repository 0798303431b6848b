/// One item of the subset of CBOR that is spoken here: integers, byte and text strings, arrays,
/// maps, booleans and null, in core deterministic encoding (RFC 8949 §4.2.1).
///
/// Two values are equal exactly when their encodings are: texts compare as UTF-8 bytes, not by
/// canonical equivalence as Swift strings do.
public enum CBORValue: Sendable {
  case unsigned(UInt64)
  /// The integer `-1 - n`.
  case negative(UInt64)
  case bytes([UInt8])
  case text(String)
  case array([CBORValue])
  case map(CBORMap)
  case bool(Bool)
  case null
}

extension CBORValue {
  public static func integer(_ value: Int64) -> CBORValue {
    value < 0 ? .negative(UInt64(bitPattern: ~value)) : .unsigned(UInt64(value))
  }

  /// `nil` unless this is an integer that 64 signed bits can hold.
  public var integer: Int64? {
    switch self {
    case .unsigned(let value): Int64(exactly: value)
    case .negative(let value): Int64(exactly: value).map { ~$0 }
    default: nil
    }
  }

  public var text: String? {
    if case .text(let value) = self { value } else { nil }
  }

  public var bytes: [UInt8]? {
    if case .bytes(let value) = self { value } else { nil }
  }

  public var array: [CBORValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  public var map: CBORMap? {
    if case .map(let value) = self { value } else { nil }
  }

  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  public var kind: CBORKind {
    switch self {
    case .unsigned: .unsigned
    case .negative: .negative
    case .bytes: .bytes
    case .text: .text
    case .array: .array
    case .map: .map
    case .bool: .bool
    case .null: .null
    }
  }

  /// The one deterministic encoding.
  public var encoded: [UInt8] {
    var writer = CBORWriter(capacity: sizeHint)
    writer.value(self)
    return writer.bytes
  }

  /// Room for a scalar; a guess for others.
  private var sizeHint: Int {
    switch self {
    case .text(let value): value.utf8.count + 5
    case .bytes(let value): value.count + 5
    case .unsigned, .negative, .bool, .null: 9
    case .array, .map: 64
    }
  }

  /// Decodes exactly one item that fills `bytes`; see ``CBORReader`` for what is refused.
  public init(decoding bytes: [UInt8], limits: CBORLimits = .standard) throws(CBORError) {
    try self.init(decoding: bytes[...], limits: limits)
  }

  /// Decodes exactly one item that fills `bytes`; see ``CBORReader`` for what is refused.
  public init(
    decoding bytes: ArraySlice<UInt8>, limits: CBORLimits = .standard
  ) throws(CBORError) {
    var reader = CBORReader(bytes, limits: limits)
    self = try reader.value()
    try reader.finish()
  }
}

extension CBORValue: Hashable {
  public static func == (left: CBORValue, right: CBORValue) -> Bool {
    switch (left, right) {
    case (.unsigned(let left), .unsigned(let right)): left == right
    case (.negative(let left), .negative(let right)): left == right
    case (.bytes(let left), .bytes(let right)): left == right
    case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
    case (.array(let left), .array(let right)): left == right
    case (.map(let left), .map(let right)): left == right
    case (.bool(let left), .bool(let right)): left == right
    case (.null, .null): true
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    switch self {
    case .unsigned(let value), .negative(let value): hasher.combine(value)
    case .bytes(let value): hasher.combine(value)
    case .text(let value):
      hasher.combine(value.utf8.count)
      for byte in value.utf8 { hasher.combine(byte) }
    case .array(let value): hasher.combine(value)
    case .map(let value): hasher.combine(value)
    case .bool(let value): hasher.combine(value)
    case .null: break
    }
  }
}

/// Why bytes were refused. Every case carries the offset, from the start of the reader's bytes, of
/// the item at fault; none carries a byte of the input.
public enum CBORError: Error, Hashable, Sendable {
  /// The input ends inside an item, or an item declares more than the input can hold.
  case truncated(offset: Int)
  /// Bytes are left after the last item.
  case trailingBytes(offset: Int)
  /// A head, length or count is not in its shortest form (RFC 8949 §4.2.1).
  case notShortest(offset: Int)
  /// An indefinite length, or the break that ends one.
  case indefiniteLength(offset: Int)
  /// Additional information 28 to 30, or 31 where it has no meaning: not well-formed at all.
  case reservedHead(offset: Int)
  /// A floating-point number: outside the subset.
  case float(offset: Int)
  /// A tag: outside the subset.
  case tag(offset: Int)
  /// The value `undefined`: outside the subset.
  case undefined(offset: Int)
  /// A simple value other than false, true and null: outside the subset.
  case simpleValue(offset: Int)
  /// A text string that is not UTF-8.
  case invalidText(offset: Int)
  /// A map key whose encoding sorts before that of the key in front of it.
  case unsortedKey(offset: Int)
  /// A map key for the second time.
  case duplicateKey(offset: Int)
  /// Arrays and maps are nested deeper than ``CBORLimits/depthMax``.
  case tooDeep(offset: Int)
  /// A byte or text string over the limit.
  case stringTooLong(offset: Int)
  /// An array or map over the limit.
  case tooManyItems(offset: Int)
  /// Not the kind of item that was asked for.
  case unexpectedKind(CBORKind, offset: Int)
  /// An integer that the type asked for cannot hold.
  case outOfRange(offset: Int)

  /// Where the item at fault begins, in bytes.
  public var offset: Int {
    switch self {
    case .truncated(let offset), .trailingBytes(let offset), .notShortest(let offset),
      .indefiniteLength(let offset), .reservedHead(let offset), .float(let offset),
      .tag(let offset), .undefined(let offset), .simpleValue(let offset),
      .invalidText(let offset), .unsortedKey(let offset), .duplicateKey(let offset),
      .tooDeep(let offset), .stringTooLong(let offset), .tooManyItems(let offset),
      .unexpectedKind(_, let offset), .outOfRange(let offset):
      offset
    }
  }
}

/// Reads items one after the other and refuses whatever is not core deterministic encoding
/// (RFC 8949 §4.2.1) of the subset that ``CBORValue`` describes.
///
/// Refused: heads that are not shortest, indefinite lengths, floats, tags, undefined and other
/// simple values, text that is not UTF-8, map keys out of order or twice, anything over a limit.
/// A declared length or count is checked against the bytes that are left before anything is
/// allocated. The reader follows the arrays and maps it is inside of, so that the order of keys and
/// the depth are checked also when a caller reads a map item by item.
///
/// After an error the reader is of no more use.
public struct CBORReader: Sendable {
  private let storage: ArraySlice<UInt8>
  private let limits: CBORLimits
  private var index: Int
  private var open: [Container] = []

  /// An array or map that is being read.
  private struct Container {
    /// Where its head begins.
    let start: Int
    let isMap: Bool
    /// Items still to come; a pair of a map counts as two.
    var remaining: Int
    var previousKey: Range<Int>?
  }

  public init(_ bytes: [UInt8], limits: CBORLimits = .standard) {
    self.init(bytes[...], limits: limits)
  }

  public init(_ slice: ArraySlice<UInt8>, limits: CBORLimits = .standard) {
    storage = slice
    index = slice.startIndex
    self.limits = limits
  }

  /// How many bytes have been read.
  public var offset: Int { index - storage.startIndex }

  public var isAtEnd: Bool { index == storage.endIndex }

  /// What the next item is, without reading it.
  public func peek() throws(CBORError) -> CBORKind {
    guard !isAtEnd else { throw .truncated(offset: offset) }
    return try Head.kind(storage[index], offset: offset)
  }

  public func nextIsNull() -> Bool { !isAtEnd && storage[index] == Head.null }

  /// Whether the next item is an array; its count is not looked at.
  public func nextIsArray() -> Bool { !isAtEnd && storage[index] >> 5 == 4 }

  public mutating func unsigned() throws(CBORError) -> UInt64 {
    let head = try nextHead(.unsigned)
    try finishScalar(head)
    return head.argument
  }

  public mutating func integer() throws(CBORError) -> Int64 {
    let head = try nextHead()
    guard head.kind == .unsigned || head.kind == .negative else {
      throw .unexpectedKind(head.kind, offset: offset)
    }
    guard let value = Int64(exactly: head.argument) else { throw .outOfRange(offset: offset) }
    try finishScalar(head)
    return head.kind == .negative ? ~value : value
  }

  /// - Parameter max: bytes; takes the place of the limit for this one string.
  public mutating func bytes(max: Int? = nil) throws(CBORError) -> [UInt8] {
    Array(storage[try string(.bytes, max: max)])
  }

  /// - Parameter max: bytes of UTF-8; takes the place of the limit for this one string.
  public mutating func text(max: Int? = nil) throws(CBORError) -> String {
    let start = offset
    let range = try string(.text, max: max)
    guard let text = String(validating: storage[range], as: UTF8.self) else {
      throw .invalidText(offset: start)
    }
    return text
  }

  /// The header of an array; the items follow.
  /// - Parameter max: items; takes the place of the limit for this one array.
  public mutating func array(max: Int? = nil) throws(CBORError) -> Int {
    try container(try nextHead(.array), max: max)
  }

  /// The header of a map; the pairs follow, key first.
  /// - Parameter max: pairs; takes the place of the limit for this one map.
  public mutating func map(max: Int? = nil) throws(CBORError) -> Int {
    try container(try nextHead(.map), max: max)
  }

  public mutating func bool() throws(CBORError) -> Bool {
    let head = try nextHead(.bool)
    try finishScalar(head)
    return head.argument == 1
  }

  public mutating func null() throws(CBORError) {
    try finishScalar(try nextHead(.null))
  }

  /// Reads one item with all that is in it.
  public mutating func value() throws(CBORError) -> CBORValue {
    switch try peek() {
    case .unsigned: return .unsigned(try unsigned())
    case .negative:
      let head = try nextHead()
      try finishScalar(head)
      return .negative(head.argument)
    case .bytes: return .bytes(try bytes())
    case .text: return .text(try text())
    case .array: return .array(try items(count: try array()))
    case .map: return .map(CBORMap(sorted: try pairs(count: try map())))
    case .bool: return .bool(try bool())
    case .null:
      try null()
      return .null
    }
  }

  /// Reads one item, checks it as ``value()`` would, and returns its bytes without building it.
  public mutating func raw() throws(CBORError) -> ArraySlice<UInt8> {
    let start = index
    // Most items are plain, and of those nothing has to be kept in mind.
    if let end = PlainScan.end(of: storage, from: start, depth: open.count, limits) {
      index = end
      try complete(from: start)
      return storage[start..<end]
    }
    let depth = open.count
    repeat { try skip() } while open.count > depth
    return storage[start..<index]
  }

  /// Steps over items of an array that are, byte for byte, the same as others which were read before.
  ///
  /// - Parameters:
  ///   - bytes: `count` whole items that this reader, or one with its limits, has read.
  /// - Returns: `false`, and nothing is read, where something else follows, or fewer items.
  public mutating func skipSame(
    as bytes: ArraySlice<UInt8>, count: Int
  ) throws(CBORError) -> Bool {
    guard count > 0, let last = open.last, !last.isMap, last.remaining >= count,
      storage.endIndex - index >= bytes.count
    else { return false }
    let end = index + bytes.count
    guard storage[index..<end].elementsEqual(bytes) else { return false }
    let start = index
    index = end
    open[open.count - 1].remaining -= count - 1
    try complete(from: start)
    return true
  }

  /// The bytes between two offsets that were read.
  public func bytes(from start: Int, to end: Int) -> ArraySlice<UInt8> {
    storage[storage.startIndex + start..<storage.startIndex + end]
  }

  /// Refuses bytes after the last item.
  public mutating func finish() throws(CBORError) {
    guard isAtEnd else { throw .trailingBytes(offset: offset) }
    guard open.isEmpty else { throw .truncated(offset: offset) }
  }
}

extension CBORReader {
  private func nextHead() throws(CBORError) -> Head {
    try Head(storage, at: index, offset: offset)
  }

  private func nextHead(_ kind: CBORKind) throws(CBORError) -> Head {
    let head = try nextHead()
    guard head.kind == kind else { throw .unexpectedKind(head.kind, offset: offset) }
    return head
  }

  private mutating func finishScalar(_ head: Head) throws(CBORError) {
    let start = index
    index += head.byteCount
    try complete(from: start)
  }

  /// Steps over a string and returns where its content is.
  private mutating func string(
    _ kind: CBORKind, max: Int?
  ) throws(CBORError) -> Range<Int> {
    let head = try nextHead(kind)
    let start = index
    let content = start + head.byteCount
    guard head.argument <= UInt64(Swift.max(0, max ?? limits.byteCountMax)) else {
      throw .stringTooLong(offset: offset)
    }
    guard head.argument <= UInt64(storage.endIndex - content) else {
      throw .truncated(offset: offset)
    }
    index = content + Int(head.argument)
    try complete(from: start)
    return content..<content + Int(head.argument)
  }

  private mutating func container(_ head: Head, max: Int?) throws(CBORError) -> Int {
    guard open.count < limits.depthMax else { throw .tooDeep(offset: offset) }
    guard head.argument <= UInt64(Swift.max(0, max ?? limits.countMax)) else {
      throw .tooManyItems(offset: offset)
    }
    // Every item is at least one byte, so what is left bounds what can be there.
    let left = storage.endIndex - index - head.byteCount
    let isMap = head.kind == .map
    guard head.argument <= UInt64(isMap ? left / 2 : left) else {
      throw .truncated(offset: offset)
    }
    let count = Int(head.argument)
    let start = index
    index += head.byteCount
    if count == 0 {
      try complete(from: start)
    } else {
      open.append(
        Container(start: start, isMap: isMap, remaining: isMap ? 2 * count : count))
    }
    return count
  }

  /// An item that began at `start` ends here; perhaps it was the last of what it is in.
  private mutating func complete(from start: Int) throws(CBORError) {
    var start = start
    while !open.isEmpty {
      let last = open.count - 1
      open[last].remaining -= 1
      // An odd number left in a map: this was a key.
      if open[last].isMap, open[last].remaining % 2 == 1 {
        try checkKey(start..<index, in: last)
        return
      }
      guard open[last].remaining == 0 else { return }
      start = open.removeLast().start
    }
  }

  private mutating func checkKey(_ key: Range<Int>, in container: Int) throws(CBORError) {
    if let previous = open[container].previousKey {
      switch CBOROrder(bytes: storage[previous], storage[key]) {
      case .before: break
      case .same: throw .duplicateKey(offset: key.lowerBound - storage.startIndex)
      case .after: throw .unsortedKey(offset: key.lowerBound - storage.startIndex)
      }
    }
    open[container].previousKey = key
  }

  /// Steps over a scalar, or into an array or map.
  private mutating func skip() throws(CBORError) {
    let start = offset
    switch try peek() {
    case .bytes: _ = try string(.bytes, max: nil)
    case .text:
      let range = try string(.text, max: nil)
      guard String(validating: storage[range], as: UTF8.self) != nil else {
        throw .invalidText(offset: start)
      }
    case .array: _ = try array()
    case .map: _ = try map()
    case .unsigned, .negative, .bool, .null: try finishScalar(try nextHead())
    }
  }

  /// A hostile count costs no more than this until the items are really there.
  private static let reservedCountMax = 256

  private mutating func items(count: Int) throws(CBORError) -> [CBORValue] {
    var items: [CBORValue] = []
    items.reserveCapacity(min(count, Self.reservedCountMax))
    for _ in 0..<count { items.append(try value()) }
    return items
  }

  private mutating func pairs(
    count: Int
  ) throws(CBORError) -> [(key: CBORValue, value: CBORValue)] {
    var pairs: [(key: CBORValue, value: CBORValue)] = []
    pairs.reserveCapacity(min(count, Self.reservedCountMax))
    for _ in 0..<count {
      let key = try value()
      pairs.append((key, try value()))
    }
    return pairs
  }
}

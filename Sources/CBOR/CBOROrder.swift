/// The order of two values' encodings, compared byte by byte: the order of map keys in RFC 8949
/// §4.2.1.
enum CBOROrder {
  case before
  case same
  case after

  init<Value: Comparable>(_ left: Value, _ right: Value) {
    self = left < right ? .before : left == right ? .same : .after
  }

  /// Compares bytes; a prefix comes before what it is a prefix of.
  init(bytes left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) {
    var others = right.makeIterator()
    for byte in left {
      guard let other = others.next() else {
        self = .after
        return
      }
      if byte != other {
        self = byte < other ? .before : .after
        return
      }
    }
    self = others.next() == nil ? .same : .before
  }

  /// Compares the encodings without making them. A shortest head sorts as (major type, argument),
  /// and no encoding is a prefix of another, so items compare part by part.
  init(_ left: CBORValue, _ right: CBORValue) {
    switch (left, right) {
    case (.unsigned(let left), .unsigned(let right)), (.negative(let left), .negative(let right)):
      self.init(left, right)
    case (.bytes(let left), .bytes(let right)):
      self = CBOROrder(left.count, right.count).or { CBOROrder(bytes: left, right) }
    case (.text(let left), .text(let right)):
      self = CBOROrder(left.utf8.count, right.utf8.count).or {
        CBOROrder(bytes: left.utf8, right.utf8)
      }
    case (.array(let left), .array(let right)):
      self = CBOROrder(left.count, right.count).or {
        zip(left, right).reduce(.same) { order, pair in order.or { CBOROrder(pair.0, pair.1) } }
      }
    case (.map(let left), .map(let right)):
      self = CBOROrder(left.count, right.count).or {
        zip(left.entries, right.entries).reduce(.same) { order, pair in
          order.or { CBOROrder(pair.0.key, pair.1.key) }
            .or { CBOROrder(pair.0.value, pair.1.value) }
        }
      }
    default: self.init(left.initialByteRank, right.initialByteRank)
    }
  }

  func or(_ next: () -> CBOROrder) -> CBOROrder { self == .same ? next() : self }
}

extension CBORValue {
  /// Sorts as the first byte of the encoding does among values of different kinds.
  fileprivate var initialByteRank: Int {
    switch self {
    case .unsigned: 0
    case .negative: 1
    case .bytes: 2
    case .text: 3
    case .array: 4
    case .map: 5
    case .bool(false): 6
    case .bool(true): 7
    case .null: 8
    }
  }
}

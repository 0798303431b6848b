/// A map, its entries in the order of their keys' encodings.
public struct CBORMap: Sendable {
  /// Sorted by the bytes of the encoded key; no key twice.
  public let entries: [(key: CBORValue, value: CBORValue)]

  /// Sorts `entries`. A key that occurs twice is a bug in the caller.
  public init(_ entries: [(key: CBORValue, value: CBORValue)]) {
    let sorted = entries.sorted { CBOROrder($0.key, $1.key) == .before }
    for index in sorted.indices.dropFirst() {
      precondition(
        CBOROrder(sorted[index - 1].key, sorted[index].key) == .before, "a map key twice")
    }
    self.entries = sorted
  }

  /// For entries that a reader has seen in order.
  init(sorted entries: [(key: CBORValue, value: CBORValue)]) { self.entries = entries }

  public var count: Int { entries.count }

  public var isEmpty: Bool { entries.isEmpty }

  /// A binary search.
  public subscript(key: CBORValue) -> CBORValue? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      switch CBOROrder(entries[middle].key, key) {
      case .before: low = middle + 1
      case .same: return entries[middle].value
      case .after: high = middle
      }
    }
    return nil
  }

  public subscript(text: String) -> CBORValue? { self[.text(text)] }
}

extension CBORMap: Hashable {
  public static func == (left: CBORMap, right: CBORMap) -> Bool {
    left.entries.elementsEqual(right.entries) { $0.key == $1.key && $0.value == $1.value }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(entries.count)
    for entry in entries {
      hasher.combine(entry.key)
      hasher.combine(entry.value)
    }
  }
}

extension CBORMap: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (CBORValue, CBORValue)...) {
    self.init(elements.map { (key: $0.0, value: $0.1) })
  }
}

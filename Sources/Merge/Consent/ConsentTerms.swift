import CBOR

/// What a consent allows and until when.
public struct ConsentTerms: Hashable, Sendable {
  /// Sorted by raw value, without repeats.
  public let permissions: [Permission]
  /// Milliseconds since 1970; `nil`: no end.
  public let untilMilliseconds: UInt64?

  public init(permissions: some Sequence<Permission>, untilMilliseconds: UInt64?) {
    self.permissions = Set(permissions).sorted { $0.rawValue < $1.rawValue }
    self.untilMilliseconds = untilMilliseconds
  }

  /// What both allow: the common permissions, the earlier end.
  public func intersection(_ other: ConsentTerms) -> ConsentTerms {
    let ends = [untilMilliseconds, other.untilMilliseconds].compactMap(\.self)
    return ConsentTerms(
      permissions: permissions.filter(other.permissions.contains), untilMilliseconds: ends.min())
  }

  /// Reads the `permissions` and `until` of a terms or decision value. Unknown permissions, of a
  /// newer schema, are not granted by this reader. An end before 1970, or one that is no time, has
  /// passed: what cannot be read must not last for ever.
  public init(value: CBORValue) {
    let words = value.map?["permissions"]?.array ?? []
    self.init(
      permissions: words.compactMap { $0.text.flatMap(Permission.init(rawValue:)) },
      untilMilliseconds: Self.end(value.map?["until"]))
  }

  private static func end(_ value: CBORValue?) -> UInt64? {
    switch value {
    case nil, .null: nil
    case .unsigned(let milliseconds): milliseconds
    default: 0
    }
  }

  /// The entries that a terms or decision value is made of.
  public var entries: [(key: CBORValue, value: CBORValue)] {
    var result: [(key: CBORValue, value: CBORValue)] = [
      (.text("permissions"), .array(permissions.map { .text($0.rawValue) }))
    ]
    if let untilMilliseconds { result.append((.text("until"), .unsigned(untilMilliseconds))) }
    return result
  }
}

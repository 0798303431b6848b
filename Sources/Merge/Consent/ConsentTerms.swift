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
  /// newer schema, are not granted by this reader.
  public init(value: CBORValue) {
    let words = value.map?["permissions"]?.array ?? []
    let until = value.map?["until"]?.integer
    self.init(
      permissions: words.compactMap { $0.text.flatMap(Permission.init(rawValue:)) },
      untilMilliseconds: until.flatMap { UInt64(exactly: $0) })
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

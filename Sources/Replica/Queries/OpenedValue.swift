import CBOR
import Merge

/// A field's value as a person is shown it: opened in memory, never stored in this form.
public indirect enum OpenedValue: Hashable, Sendable {
  /// Never written, or cleared.
  case nothing
  case text(String)
  case integer(Int64)
  case boolean(Bool)
  /// Milliseconds since 1970-01-01T00:00:00Z.
  case time(Int64)
  case bytes([UInt8])
  case account(AccountID)
  case record(RecordID)
  case list([OpenedValue])
  /// Components by name, sorted; those without a value are left out.
  case group([Component])
  /// Ciphertext: the home is locked, the key is not held, or the bytes are not what they should be.
  case sealed
  /// Overwritten or deleted, seen by everybody, and no longer in the log.
  case notKept

  public struct Component: Hashable, Sendable {
    public let name: String
    public let value: OpenedValue
  }

  /// The text, or `nil` of any other kind of value.
  public var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  /// The number or the time, or `nil` of any other kind of value.
  public var integer: Int64? {
    switch self {
    case .integer(let value), .time(let value): value
    default: nil
    }
  }

  public var account: AccountID? {
    if case .account(let account) = self { account } else { nil }
  }

  public var record: RecordID? {
    if case .record(let record) = self { record } else { nil }
  }
}

extension OpenedValue {
  /// A value that is open already, or was opened.
  ///
  /// What does not fit its kind, as a newer schema's values may not, is shown by its own form.
  init(_ value: CBORValue?, _ kind: Field.Kind) {
    guard let value else {
      self = .nothing
      return
    }
    switch (value, kind) {
    case (_, .group(let components)): self = Self.group(value, components)
    case (.array(let items), .list(let item)), (.array(let items), .set(let item)):
      self = .list(items.map { OpenedValue($0, item) })
    case (.bytes(let bytes), .account):
      self = AccountID(bytes).map { .account($0) } ?? .bytes(bytes)
    case (.bytes(let bytes), .record): self = RecordID(bytes).map { .record($0) } ?? .bytes(bytes)
    case (_, .time): self = value.integer.map { .time($0) } ?? Self.plain(value)
    default: self = Self.plain(value)
    }
  }

  private static func group(_ value: CBORValue, _ components: [Field.Component]) -> OpenedValue {
    guard let map = value.map else { return plain(value) }
    return .group(
      components.compactMap { component in
        map[component.name].map {
          Component(name: component.name, value: .init($0, component.kind))
        }
      })
  }

  private static func plain(_ value: CBORValue) -> OpenedValue {
    switch value {
    case .null: .nothing
    case .text(let text): .text(text)
    case .bytes(let bytes): .bytes(bytes)
    case .bool(let flag): .boolean(flag)
    case .array(let items): .list(items.map(plain))
    case .map(let map):
      .group(
        map.entries.compactMap { entry in
          entry.key.text.map { Component(name: $0, value: plain(entry.value)) }
        })
    case .unsigned, .negative: value.integer.map { .integer($0) } ?? .nothing
    }
  }
}

/// One value in a row or an argument of a statement.
///
/// There is no floating point: no field of Satchel has one, and it would not compare the same
/// everywhere. A computed floating-point number (`avg`, `1.5`) is read as SQL's text of it.
public enum SQLValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])
}

extension SQLValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(stringLiteral value: String) { self = .text(value) }
}

extension SQLValue {
  /// The bytes, or `nil` of any other kind of value.
  public var blobValue: [UInt8]? {
    if case .blob(let value) = self { value } else { nil }
  }
}

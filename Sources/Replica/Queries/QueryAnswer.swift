/// The rows of a person's SQL.
public struct QueryAnswer: Hashable, Sendable {
  public enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
  }

  public let columns: [String]
  public let rows: [[Value]]
  /// `false` where a limit ended the answer.
  public let isComplete: Bool
}

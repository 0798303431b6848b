import Database

/// Why a person's SQL was not answered.
public enum QueryError: Error, Hashable, Sendable {
  /// It does more than read, reads what nobody may query, or is not exactly one statement.
  case notAllowed
  /// It took more work than one query may.
  case tooMuchWork
  /// What SQLite says about it.
  case wrong(String)

  init(_ error: SQLError) {
    switch error.category {
    case .refused, .readOnly: self = .notAllowed
    case .interrupted, .tooLarge: self = .tooMuchWork
    default: self = .wrong(error.message)
    }
  }
}

/// Why a server could not be made or opened. What a request is refused for is an `ErrorCode`.
public enum ServerError: Error, Hashable, Sendable {
  /// There is a server in the directory already.
  case alreadyInitialised
  /// There is no server in the directory.
  case notInitialised
  /// Another process serves from the directory.
  case inUse
  /// The file of the keys cannot be read as such.
  case keysDamaged
  /// A newer version of the server wrote the database. Nothing was changed.
  case newerDatabase
  /// A system call failed, with this `errno`.
  case system(code: Int32)
}

extension ServerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .alreadyInitialised: "there is a server in this directory already"
    case .notInitialised: "there is no server in this directory"
    case .inUse: "another process serves from this directory"
    case .keysDamaged: "the file with the server's keys is damaged"
    case .newerDatabase: "a newer version of the server wrote this database"
    case .system(let code): "the system failed (errno \(code))"
    }
  }
}

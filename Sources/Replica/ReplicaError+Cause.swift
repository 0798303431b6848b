import Database
import Merge
import Sealing
import SpaceStore

extension ReplicaError {
  /// What an error from below means to a person; `nil` where it is none that this module knows.
  public init?(cause error: any Error) {
    switch error {
    case let error as ReplicaError: self = error
    case let error as SQLError:
      switch error.category {
      case .full: self = .diskFull
      case .busy: self = .homeInUse("")
      case .corrupt, .notADatabase: self = .homeDamaged("replica.db")
      default: return nil
      }
    case is StateError: self = .homeDamaged("a stored state")
    case MigrationError.newerDatabase, is SchemaTables.NewerDatabase:
      self = .homeFromNewerVersion
    case MigrationError.failed(_, _, let error):
      guard let known = ReplicaError(cause: error) else { return nil }
      self = known
    default: return nil
    }
  }
}

import Merge

extension Replica {
  func uploadObjects(_ connection: Connection, for space: SpaceID) throws {}
  func fetchObjects(_ connection: Connection) throws {}
  func purgeFiles(of space: SpaceID) throws {}
}

import Merge
import SyncProtocol
import SyncServer

extension World {
  /// A second server with the same keys and the same past: from here on it goes its own way, and each
  /// of the two histories is signed as well as the other.
  ///
  /// - Parameter name: of its directory.
  package func fork(_ name: String) throws -> SyncServer {
    try folder.copy(serverDirectory, as: name)
    let clock = clock
    return try SyncServer(
      directory: "\(folder.path)/\(name)",
      environment: Environment(
        nowMilliseconds: { clock.now }, random: SeededRandom(seed: UInt64(name.utf8.count))))
  }
}

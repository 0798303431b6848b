import Merge
import Signing
import SpaceStore
import SyncProtocol

/// The server's logs as they grew, each entry read once: what the checkers ask of the past.
struct History {
  struct Entry {
    let position: Position
    let entry: LogEntry
    /// Of commits and refusals.
    let commit: Commit?

    /// Where its commit was first written.
    var origin: Origin? { commit?.header.origin ?? entry.journalOrigin }
  }

  struct Log {
    var entries: [Entry] = []
    var model = ReferenceModel()
    var head = Digest.zero
    var position: Position { entries.last?.position ?? .zero }
  }

  private(set) var logs: [SpaceID: Log] = [:]

  /// Takes in what has come since. A log that is another now is read anew.
  ///
  /// - Returns: what is new, by space.
  mutating func update(_ store: SpaceStore) throws -> [SpaceID: [Entry]] {
    var news: [SpaceID: [Entry]] = [:]
    let spaces = try store.spaceIDs()
    // A restored server has forgotten what was opened since.
    logs = logs.filter { spaces.contains($0.key) }
    for space in spaces {
      let number = try store.number(of: space)
      var log = logs[space] ?? Log()
      if try store.log.headHash(space: number, at: log.position) != log.head { log = Log() }
      let head = try store.head(space)
      guard head.position > log.position else { continue }
      let known = log.entries.count
      while log.position < head.position {
        let entries = try store.log.entries(
          space: number, after: log.position, byteCountMax: 1 << 20)
        if entries.isEmpty { break }
        for entry in entries {
          let position = log.position.next
          log.entries.append(
            Entry(position: position, entry: entry, commit: try entry.decodedCommit()))
          try log.model.take(entry, at: position)
        }
      }
      log.head = head.hash
      news[space] = Array(log.entries[known...])
      logs[space] = log
    }
    return news
  }
}

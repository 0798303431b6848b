import Database
import Merge
import Replica
import SpaceStore
import SyncProtocol

/// The server keeps every value that somebody may still have to see: a commit is a stub only when all
/// its writes are covered, and every live replica has the covering ones itself.
///
/// Works from the definition and from the devices' own databases.
struct CompactionChecker {
  private struct Place: Hashable {
    let space: SpaceID
    let position: Position
  }

  /// Looked at when they were new: later a device may be put back to an earlier time.
  private var known: Set<Place> = []
  /// How many stubs each space had; most steps make none.
  private var counts: [SpaceID: Int64] = [:]

  /// - Parameter restored: whose homes were put back, so that they stand where they no longer were.
  /// - Returns: what is wrong with stubs that were not there before, in words.
  mutating func differences(in world: World, restored: Set<String>) throws -> [String] {
    var found: [String] = []
    try world.withServerStore { store in
      for space in try store.spaceIDs() {
        let count = try Self.stubCount(store, space)
        guard count != counts.updateValue(count, forKey: space) ?? 0 else { continue }
        let entries = try Self.entries(store, space)
        for (index, entry) in entries.enumerated() where entry.isStub {
          guard known.insert(Place(space: space, position: entry.position)).inserted else {
            continue
          }
          let what = "stub at \(entry.position.rawValue) in \(space.hex)"
          guard let last = entry.covered(by: entries[(index + 1)...], store.schema) else {
            found.append("\(what): nothing covers it")
            continue
          }
          for party in try Self.readers(of: space, world, store) - restored
          where try world[party].replica.store.state(space).position < last
            && !Self.came(world[party], after: last, to: space, store)
          {
            found.append("\(what): \(party) has not read what covers it")
          }
        }
      }
    }
    return found.sorted()
  }

  /// A stub's encoding is an array of three that begins with 5.
  private static func stubCount(_ store: SpaceStore, _ space: SpaceID) throws -> Int64 {
    try store.database.first(
      "SELECT COUNT(*) FROM log WHERE space = ? AND substr(entry, 1, 2) = x'8305'",
      .integer(store.number(of: space))
    ) { $0.integer(0) } ?? 0
  }

  private struct Entry {
    let position: Position
    let origin: Origin
    let commit: Commit
    let isStub: Bool
    /// What its author had seen of the log.
    let seen: ReferenceLineage.Seen

    /// Where the last of its writes was covered; `nil` while one is not.
    func covered(by later: ArraySlice<Entry>, _ schema: Schema) -> Position? {
      var last = position
      for change in commit.changes {
        guard let type = schema.type(change.type), type.history == .compact else { return nil }
        for write in change.writes {
          let first = later.first { $0.covers(self, change, write, type) }
          guard let first else { return nil }
          last = max(last, first.position)
        }
      }
      return last
    }

    private func covers(
      _ earlier: Entry, _ change: RecordChange, _ write: FieldWrite, _ type: RecordType
    ) -> Bool {
      let isOwn =
        origin.replica == earlier.origin.replica && origin.sequence > earlier.origin.sequence
      guard isOwn || seen.contains(earlier.position) else { return false }
      return commit.changes.contains { later in
        guard later.type == change.type, later.record == change.record else { return false }
        if later.operation == .delete { return type.concurrentDelete == .deleteWins }
        return later.writes.contains { $0.key == write.key }
      }
    }
  }

  private static func entries(_ store: SpaceStore, _ space: SpaceID) throws -> [Entry] {
    var found: [Entry] = []
    var lineage = ReferenceLineage()
    try store.eachEntry(space) { position, entry in
      lineage.take(entry, at: position)
      guard let journal = entry.journalOrigin, let commit = try entry.decodedCommit() else {
        return
      }
      if case .refusal = entry.content { return }
      // Those that came back as stubs are not the server's to answer for.
      let isStub = if case .stub = entry { true } else { false }
      found.append(
        Entry(
          position: position, origin: commit.header.origin ?? journal, commit: commit,
          isStub: isStub, seen: lineage.seen(commit.header.context)))
    }
    return found
  }

  /// Whether somebody was let in, or in again, only when everything had been covered: they read from the
  /// first entry on.
  private static func came(
    _ party: Party, after last: Position, to space: SpaceID, _ store: SpaceStore
  ) throws -> Bool {
    try store.state(space).members[party.account].map { $0.since > last } ?? false
  }

  /// Whose devices the server has to wait for.
  private static func readers(
    of space: SpaceID, _ world: World, _ store: SpaceStore
  ) throws -> Set<String> {
    let devices = Set(
      try store.database.rows(
        "SELECT device FROM reader WHERE space = ? AND retired = 0", .blob(space.bytes)
      ) { $0.blob(0) })
    let state = try store.state(space)
    var names: Set<String> = []
    for (name, party) in world.parties where state.role(of: party.account) != nil {
      let identity = party.replica.identity
      // One that was taken out gets no answer any more, and so learns it without reading on.
      if state.devices[identity.device]?.until != nil { continue }
      if devices.contains(identity.device.bytes), try party.presentSpaces().contains(space) {
        names.insert(name)
      }
    }
    return names
  }
}

extension Set {
  fileprivate static func - (left: Set, right: Set) -> Set { left.subtracting(right) }
}

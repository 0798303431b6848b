import Merge
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

extension World {
  /// Nothing is lost and nothing doubled: each commit stands once in the server's log, under the
  /// origin that it was first written under; or it was refused, and its author keeps it.
  func expectAccounted(
    _ written: [Written], _ location: SourceLocation = #_sourceLocation
  ) throws {
    let outcomes = try withServerStore { store in
      try Dictionary(grouping: Set(written.map(\.space))) { $0 }.mapValues { spaces in
        try Self.outcomes(store, spaces[0])
      }
    }
    for item in written {
      let accepted = outcomes[item.space]?[item.origin] ?? 0
      let kept = try self[item.party].rejectedCount(item)
      #expect(accepted + kept == 1, "\(item)", sourceLocation: location)
    }
  }

  /// How often each origin was accepted.
  private static func outcomes(_ store: SpaceStore, _ space: SpaceID) throws -> [Origin: Int] {
    let number = try store.number(of: space)
    var counts: [Origin: Int] = [:]
    var after = Position.zero
    while true {
      let entries = try store.log.entries(space: number, after: after, byteCountMax: 1 << 20)
      if entries.isEmpty { return counts }
      for case .commit(let journal, let commit) in entries {
        counts[try commit.decodedHeader().origin ?? journal, default: 0] += 1
      }
      after = Position(after.rawValue + UInt64(entries.count))
    }
  }
}

extension Party {
  /// How often the commit is under `rejected`, by the origin it was first written under.
  func rejectedCount(_ item: Written) throws -> Int {
    let number = try replica.store.number(of: item.space)
    let rows = try replica.database.rows(
      "SELECT sequence, body FROM rejected WHERE space = ?", .integer(number)
    ) { (UInt64($0.integer(0)), try EncodedCommit(decoding: $0.blob(1)).decodedHeader()) }
    return rows.count { sequence, header in
      let journal = Origin(replica: replica.identity.replica, sequence: sequence)
      return header.origin ?? journal == item.origin
    }
  }
}

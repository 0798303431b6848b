import Database
import Foundation
import Merge
import Signing
import SpaceStore
import SyncProtocol
import SyncServer

/// Somebody who knows the keys of devices and server and nothing else reads whole logs from the
/// server's database, and checks every hash and signature in them.
struct FreshReader {
  let world: World

  private struct Ground: PageGround {
    let world: World

    func journalPoint(_ replica: ReplicaID) -> JournalPoint { .start }

    func identityKey(_ device: DeviceID) throws -> SigningPublicKey? {
      for name in world.parties.keys.sorted() {
        if let key = try world[name].replica.identityKey(of: device) { return key }
      }
      return nil
    }
  }

  func problems() throws -> [String] {
    let bytes = try Data(contentsOf: URL(filePath: "\(world.serverDirectory)/server.keys"))
    let keys = try ServerKeys(stored: Array(bytes))
    return try world.withServerStore { store in
      try store.spaceIDs().compactMap { space in
        do {
          try verify(space, store, keys)
          return nil
        } catch {
          return "log of \(space.hex): \(error)"
        }
      }
    }
  }

  private func verify(_ space: SpaceID, _ store: SpaceStore, _ keys: ServerKeys) throws {
    var entries: [LogEntry] = []
    try store.eachEntry(space) { entries.append($1) }
    guard !entries.isEmpty else { return }
    let head = try store.head(space)
    let page = LogPage(
      after: .zero, entries: entries,
      tails: try tails(of: entries, space, store),
      head: SignedLogHead(
        head: head, timeMilliseconds: try store.state(space).timeMilliseconds, key: keys.log),
      last: head.position)
    _ = try PageVerifier(server: world.server.certificate).verify(
      page, from: .start(of: space), ground: Ground(world: world))
  }

  /// A signature also vouches where commits under it were deferred and never came again, as those of a
  /// device that was revoked: the server holds their hashes (protocol 6.4).
  private func tails(
    of entries: [LogEntry], _ space: SpaceID, _ store: SpaceStore
  ) throws -> [LogPage.JournalTail] {
    try store.log.tails(space: store.number(of: space), of: entries).map { tail in
      let logged = try store.journalPoint(space, tail.replica).sequence
      let promised = try store.database.rows(
        "SELECT content FROM promised_commit WHERE space = ? AND replica = ? AND sequence > ? "
          + "AND sequence <= ? ORDER BY sequence",
        .blob(space.bytes), .blob(tail.replica.bytes), .integer(Int64(logged)),
        .integer(Int64(tail.signature.sequence))
      ) { row in
        guard let content = Digest(row.blob(0)) else { throw StateError.damaged }
        return content
      }
      return LogPage.JournalTail(
        replica: tail.replica, contentHashes: tail.contentHashes + promised,
        signature: tail.signature)
    }
  }
}

import Foundation
import Merge
import Signing
import Simulation
import SyncProtocol

@testable import Replica
@testable import SpaceStore
@testable import SyncServer

/// A server that lies as well as it can: it has its own keys, and nobody else's.
struct Forger {
  let keys: ServerKeys

  init(_ world: World) throws {
    let bytes = try Data(contentsOf: URL(filePath: "\(world.serverDirectory)/server.keys"))
    keys = try ServerKeys(stored: Array(bytes))
  }

  /// A page with other entries after the reader's own head, hashed and signed as if it were true.
  func page(
    _ entries: [LogEntry], tails: [LogPage.JournalTail], to reader: Party, in space: SpaceID
  ) throws -> LogPage {
    let store = reader.replica.store
    let start = try store.head(space)
    var head = start
    var journals: [ReplicaID: JournalPoint] = [:]
    for entry in entries {
      var point: JournalPoint?
      if let origin = entry.journalOrigin, let content = entry.contentHash {
        let before =
          try journals[origin.replica] ?? store.journalPoint(space, origin.replica)
        point = before.next(space, origin.replica, content: content)
        journals[origin.replica] = point
      }
      head = head.next(entry.hash(at: point))
    }
    return LogPage(
      after: start.position, entries: entries, tails: tails,
      head: SignedLogHead(head: head, timeMilliseconds: 1_800_000_000_000, key: keys.log),
      last: head.position)
  }

  /// A commit that its author has signed, and that an honest server would not accept.
  func commit(
    _ change: RecordChange, by author: Party, in space: SpaceID
  ) throws -> (entry: LogEntry, tail: LogPage.JournalTail) {
    let replica = author.replica.identity.replica
    let state = try author.replica.store.state(space)
    let header = CommitHeader(
      time: HybridTime(milliseconds: state.timeMilliseconds, counter: 0),
      context: Context(position: state.position))
    let encoded = EncodedCommit(Commit(header: header, changes: [change]))
    let before = try author.replica.store.journalPoint(space, replica)
    let point = before.next(space, replica, content: encoded.contentHash)
    let head = try author.replica.store.head(space)
    let seen = SeenHeads(
      account: try author.replica.ownChain().head, incarnation: 0, position: head.position,
      head: head.hash, schema: .zero)
    let signature = JournalSignature(
      space: space, replica: replica, point: point, seen: seen,
      key: try author.replica.unlockedKeys().identity())
    let origin = Origin(replica: replica, sequence: point.sequence)
    return (
      .commit(origin, encoded),
      LogPage.JournalTail(replica: replica, contentHashes: [], signature: signature)
    )
  }

  func chainHead(_ chain: ChainReference, _ point: ChainPoint) -> SignedChainHead {
    SignedChainHead(
      chain: chain, point: point, timeMilliseconds: 1_800_000_000_000, key: keys.log)
  }
}

extension Network {
  /// Puts another page in the place of every one of the space.
  func forgePages(of space: SpaceID, _ forge: @escaping (LogPage) throws -> LogPage) {
    alter = { request, response in
      guard request.pulledSpace == space, case .success(let bytes) = response else {
        return response
      }
      do {
        let page = try LogPage(decoding: bytes)
        return page.entries.isEmpty ? response : .success(try forge(page).encoded)
      } catch {
        preconditionFailure("a page cannot be forged: \(error)")
      }
    }
  }

  /// Puts other statements in the place of those of one chain.
  func forgeChain(_ chain: ChainReference, _ forge: @escaping (ChainPart) throws -> ChainPart) {
    alter = { request, response in
      guard request.path == Path.chains, case .success(let bytes) = response else {
        return response
      }
      do {
        let parts = try ChainResponse(decoding: bytes).parts.map { part in
          part.head.chain == chain ? try forge(part) : part
        }
        return .success(ChainResponse(parts: parts).encoded)
      } catch {
        preconditionFailure("a chain cannot be forged: \(error)")
      }
    }
  }
}

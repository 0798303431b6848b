import Foundation
import Merge
import Replica
import Signing
import SpaceStore
import SyncProtocol
import SyncServer

/// A server that lies as well as it can: it has its own keys, and nobody else's.
///
/// It sits on a party's line and answers in the honest server's place. What it signs is signed well.
package struct LyingServer {
  package let keys: ServerKeys

  package init(_ world: World) throws {
    let bytes = try Data(contentsOf: URL(filePath: "\(world.serverDirectory)/server.keys"))
    keys = try ServerKeys(stored: Array(bytes))
  }

  /// From now on, until ``Network/reset()``, the party is lied to about the space; everybody else, and
  /// of everything else, is told the truth.
  package func tell(_ lie: Lie, to victim: Party, about space: SpaceID) {
    var earlier = Earlier()
    victim.network.alter = { [unowned victim] request, response in
      guard case .success(let bytes) = response else { return response }
      defer { earlier.note(request, bytes) }
      do {
        return try alter(lie, request, bytes, earlier)
          ?? alter(lie, request, bytes, victim, space) ?? response
      } catch {
        preconditionFailure("an honest answer can be read: \(error)")
      }
    }
  }

  /// - Returns: `nil` where the truth will do.
  private func alter(
    _ lie: Lie, _ request: Request, _ bytes: [UInt8], _ victim: Party, _ space: SpaceID
  ) throws -> Response? {
    switch request.path {
    case Path.pull where request.pulledSpace == space:
      return try alter(lie, page: LogPage(decoding: bytes), victim)
    case Path.push: return try alter(lie, push: bytes, request, space)
    case Path.feed: return try alter(lie, feed: FeedResponse(decoding: bytes), request)
    case Path.chains: return try alter(lie, chains: ChainResponse(decoding: bytes), victim)
    default: return nil
    }
  }

  // MARK: Signing

  /// A page with other entries after the reader's own head, hashed and signed as if it were true.
  package func page(
    _ entries: [LogEntry], tails: [LogPage.JournalTail], to reader: Party, in space: SpaceID
  ) throws -> LogPage {
    let store = reader.held.store
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
      after: start.position, entries: entries, tails: tails, head: sign(head),
      last: head.position)
  }

  package func sign(_ head: LogHead) -> SignedLogHead {
    SignedLogHead(head: head, timeMilliseconds: Self.timeMilliseconds, key: keys.log)
  }

  package func sign(_ chain: ChainReference, _ point: ChainPoint) -> SignedChainHead {
    SignedChainHead(
      chain: chain, point: point, timeMilliseconds: Self.timeMilliseconds, key: keys.log)
  }

  /// Later than anything in a run, so that no lie is the older word.
  private static let timeMilliseconds: UInt64 = 1_900_000_000_000

  /// A commit that its author has signed, and that an honest server would not accept.
  ///
  /// - Parameter seen: what the author claims to have seen; the truth where `nil`.
  package func commit(
    _ change: RecordChange, by author: Party, in space: SpaceID, seen claimed: SeenHeads? = nil
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
    let truth = SeenHeads(
      account: try author.replica.ownChain().head, incarnation: head.incarnation,
      position: head.position, head: head.hash, schema: .zero)
    let seen = claimed ?? truth
    let signature = JournalSignature(
      space: space, replica: replica, point: point, seen: seen,
      key: try author.replica.unlockedKeys().identity())
    let origin = Origin(replica: replica, sequence: point.sequence)
    return (
      .commit(origin, encoded),
      LogPage.JournalTail(replica: replica, contentHashes: [], signature: signature)
    )
  }
}

extension Network {
  /// Puts another page in the place of every one of the space.
  package func forgePages(
    of space: SpaceID, _ forge: @escaping (LogPage) throws -> LogPage
  ) {
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
  package func forgeChain(
    _ chain: ChainReference, _ forge: @escaping (ChainPart) throws -> ChainPart
  ) {
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

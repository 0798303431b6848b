import Merge
import Signing
import SpaceStore
import SyncProtocol

extension Push {
  /// - Returns: whether the push goes on.
  func take(_ prepared: PreparedPush.Segment) throws -> Bool {
    let segment = prepared.journal
    guard segment.replica.device == session.device else { throw ErrorCode.notAllowed }
    guard let state = try core.openedState(space) else { throw ErrorCode.notFound }
    guard state.members[session.account] != nil else { throw ErrorCode.notAllowed }
    try checkSignature(prepared)
    try checkSeen(segment.signature.seen)
    let readers = ReaderTable(core: core, space: space)
    guard try !readers.isRetired(segment.replica) else { throw ErrorCode.replicaRetired }
    try readers.noteSeen(segment.replica, state.acknowledged(by: segment.signature.seen))
    let known = try core.store.journalPoint(space, segment.replica)
    let hasSeenMore = try isAhead(segment.signature.seen)
    guard try !hasSeenMore && follows(segment, known) else {
      verdicts.append(.deferred(.gap))
      return false
    }
    let number = try core.store.number(of: space)
    var lastRestriction: Int??
    for (index, point) in prepared.points.enumerated() {
      let origin = Origin(replica: segment.replica, sequence: point.sequence)
      var verdict =
        point.sequence <= known.sequence
        ? try oldVerdict(origin, point, number)
        : try newVerdict(segment.commits[index], prepared.commits[index], origin, point)
      if case .deferred(let reason) = verdict,
        isHoldingUp(index, segment.commits, &lastRestriction)
      {
        let refusal = Refusal(.heldUpRestriction, ["\(reason)"])
        verdict = try writer.attempt { try refuse(segment.commits[index], origin, point, refusal) }
      }
      verdicts.append(verdict)
      if case .deferred = verdict {
        try promise(segment, from: point.sequence)
        return false
      }
    }
    try core.store.log.keep(segment.signature, space: number, replica: segment.replica)
    return true
  }

  /// One signature over the last point vouches for all.
  private func checkSignature(_ segment: PreparedPush.Segment) throws {
    guard let last = segment.points.last,
      let device = try core.chains.accountChain(session.account)?.devices[session.device]
    else { throw ErrorCode.badSignature }
    let key = device.certificate.identity
    if segment.vouchingKey == key { return }
    let journal = segment.journal
    guard journal.signature.covers(last, space: space, replica: journal.replica, key: key) else {
      throw ErrorCode.badSignature
    }
  }

  /// What an author has seen otherwise than it stands here was not shown by this server, or not by
  /// this history of it: taken in, it would make every reader think so.
  private func checkSeen(_ seen: SeenHeads) throws {
    if try core.store.contradiction(of: seen, in: space) != nil { throw ErrorCode.historyForked }
    guard let chain = try core.chains.accountChain(session.account),
      seen.account.index <= chain.head.index
    else { return }
    guard chain.contains(seen.account) else { throw ErrorCode.historyForked }
  }

  /// Whether the author says to have seen more than there is here: nobody can tell yet whether it is
  /// true, and in the log it would make readers think that something is withheld from them.
  private func isAhead(_ seen: SeenHeads) throws -> Bool {
    let state = try core.store.state(space)
    return seen.incarnation == state.incarnation && seen.position > state.position
  }

  /// Whether the segment begins within what is known; another history under its numbers is a fork.
  private func follows(_ segment: JournalSegment, _ known: JournalPoint) throws -> Bool {
    let after = segment.after
    if after.sequence > known.sequence { return false }
    if after.sequence == 0 {
      guard after == .start else { throw ErrorCode.journalForked }
      return true
    }
    let origin = Origin(replica: segment.replica, sequence: after.sequence)
    let number = try core.store.number(of: space)
    guard try core.store.log.find(space: number, origin)?.point == after else {
      throw ErrorCode.journalForked
    }
    return true
  }

  /// What was said the first time.
  private func oldVerdict(
    _ origin: Origin, _ point: JournalPoint, _ number: Int64
  ) throws -> PushVerdict {
    guard let found = try core.store.log.find(space: number, origin), found.point == point else {
      throw ErrorCode.journalForked
    }
    if case .refusal(_, _, let refusal) = found.entry.content {
      return .refused(found.position, refusal)
    }
    return .accepted(found.position)
  }

  private func newVerdict(
    _ commit: EncodedCommit, _ decoded: Commit?, _ origin: Origin, _ point: JournalPoint
  ) throws -> PushVerdict {
    let promised = PromisedCommits(core: core, space: space)
    if let content = try promised.content(of: origin), content != commit.contentHash {
      throw ErrorCode.journalForked
    }
    do {
      return try writer.attempt { try place(commit, decoded, origin, point) }
    } catch let deferred as Deferred {
      return .deferred(deferred.reason)
    }
  }

  /// Appends the commit, or its refusal.
  ///
  /// - Parameter decoded: what it says; `nil` where it cannot be read.
  private func place(
    _ commit: EncodedCommit, _ decoded: Commit?, _ origin: Origin, _ point: JournalPoint
  ) throws -> PushVerdict {
    try writer.prepare(space)
    do {
      guard let decoded else { throw Refusal(.malformed) }
      let entry = LogEntry.commit(origin, commit)
      let fact = LogFact.commit(decoded, origin)
      switch try core.store.judge(fact, in: space) {
      case .refused(let refusal): throw refusal
      case .deferred(let reason): throw Deferred(reason: reason)
      case .accepted: break
      }
      guard try NamedObjects(core: core, space: space).arePresent(for: decoded) else {
        throw Deferred(reason: .objectMissing)
      }
      try PromisedCommits(core: core, space: space).remove(origin)
      return .accepted(try writer.append(entry, fact, point: point, in: space))
    } catch let refusal as Refusal {
      return try refuse(commit, origin, point, refusal)
    }
  }

  /// Appends the refusal; the journal goes on after it.
  private func refuse(
    _ commit: EncodedCommit, _ origin: Origin, _ point: JournalPoint, _ refusal: Refusal
  ) throws -> PushVerdict {
    try writer.prepare(space)
    try PromisedCommits(core: core, space: space).remove(origin)
    let entry = LogEntry.refusal(origin, commit.withoutSealed, refusal)
    let position = try writer.append(entry, .refused(origin), point: point, in: space)
    return .refused(position, refusal)
  }

  /// Whether a commit that only takes away waits behind this one: nothing that is deferred may hold it
  /// up.
  ///
  /// - Parameter last: where the last such commit stands. Looked for once: a segment of commits that
  ///   all have to wait would be read again for each of them.
  private func isHoldingUp(
    _ index: Int, _ commits: [EncodedCommit], _ last: inout Int??
  ) -> Bool {
    let found = last ?? commits.lastIndex(where: restricts)
    last = .some(found)
    return found.map { $0 > index } ?? false
  }

  private func restricts(_ commit: EncodedCommit) -> Bool {
    do throws(WireError) {
      return try commit.decoded().isRestricting(in: core.store.schema)
    } catch {
      return false
    }
  }

  /// The signature covers the deferred commits too: their hashes are kept, to show those before them.
  private func promise(_ segment: JournalSegment, from sequence: UInt64) throws {
    let promised = PromisedCommits(core: core, space: space)
    for (index, commit) in segment.commits.enumerated() {
      let own = segment.after.sequence + 1 + UInt64(index)
      guard own >= sequence else { continue }
      let origin = Origin(replica: segment.replica, sequence: own)
      if let content = try promised.content(of: origin), content != commit.contentHash {
        throw ErrorCode.journalForked
      }
      try promised.keep(commit, origin)
    }
    try core.store.log.keep(
      segment.signature, space: core.store.number(of: space), replica: segment.replica)
  }
}

extension SpaceState {
  /// Up to where an author has seen this log: of an incarnation that was lost no more than what it has
  /// in common with it.
  fileprivate func acknowledged(by seen: SeenHeads) -> Position {
    guard knows(incarnation: seen.incarnation) else { return .zero }
    let context = Context(incarnation: seen.incarnation, position: seen.position)
    return min(self.seen(context).upTo, position)
  }
}

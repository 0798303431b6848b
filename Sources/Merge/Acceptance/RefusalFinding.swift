/// What a reader of the log finds of a refusal in it (decision 0018).
public enum RefusalFinding: Hashable, Sendable {
  /// The acceptance function refuses the commit, and this is one of its reasons.
  case founded
  /// Rests on what this reader does not have: sealed values, or a type of a newer schema.
  case unverifiable
  /// Right if a commit that takes something away follows in the same journal and the same push.
  case awaitsRestriction
  /// The acceptance function says something else: what it says.
  case unfounded(Verdict)
}

extension Acceptance {
  /// Judges a refusal by the log before it: the acceptance function, on what the log holds of the
  /// refused commit, has to refuse it, for this reason or for this one too.
  ///
  /// Of sealed values acceptance reads the size and the epoch. Where the log leaves them out, the
  /// commit is judged as if they were in order; a reason that rests on them is believed where one
  /// that is out of order would have been met before anything else. Its author, who has them,
  /// judges the whole commit.
  ///
  /// - Parameter isWhole: whether the commit has its sealed values.
  public func find(
    _ refusal: Refusal, of commit: Commit, by origin: Origin, isWhole: Bool
  ) throws -> RefusalFinding {
    let shown = isWhole ? commit : withOrderlySealed(commit)
    let verdict = try judge(.commit(shown, origin))
    switch verdict {
    case .deferred: return .unverifiable
    case .refused(let own) where own.code == refusal.code: return .founded
    case .accepted where refusal.code == .heldUpRestriction: return .awaitsRestriction
    case .accepted: break
    case .refused:
      if let found = try findAmongAll(refusal, of: shown, by: origin) { return found }
    }
    if !isWhole, try mayRestOnSealed(refusal, commit, origin) { return .unverifiable }
    return .unfounded(verdict)
  }

  /// A judge passes over what its schema does not know, and meets another one of several faults first:
  /// the server may have had an older schema than the reader has, or a newer one.
  ///
  /// - Returns: `nil` where the reason is none of the commit's faults.
  private func findAmongAll(
    _ refusal: Refusal, of commit: Commit, by origin: Origin
  ) throws -> RefusalFinding? {
    do {
      let deferral = try CommitJudge(self, commit, origin, seeking: refusal.code).judge()
      if deferral != nil || !schema.understands(commit) { return .unverifiable }
      return refusal.code == .heldUpRestriction ? .awaitsRestriction : nil
    } catch let fault as Refusal {
      return fault.code == refusal.code ? .founded : nil
    }
  }

  /// Whether a sealed value that is out of order would be refused for this reason, before any other.
  private func mayRestOnSealed(
    _ refusal: Refusal, _ commit: Commit, _ origin: Origin
  ) throws -> Bool {
    let probe: FieldWrite.SealedProbe
    switch refusal.code {
    case .epochStale: probe = .withoutEpoch
    case .valueInvalid: probe = .empty
    default: return false
    }
    let probed = commit.mapSealed { $0.probed(probe) }
    guard case .refused(let found) = try judge(.commit(probed, origin)) else { return false }
    return found.code == refusal.code
  }

  /// With stand-ins for sealed values, under an epoch that may be used. Where there is none, no
  /// value can have been in order; it may have been cleared.
  private func withOrderlySealed(_ commit: Commit) -> Commit {
    guard let epoch = state.epochs.last(where: state.mayUse) else { return commit }
    let hint = Array(epoch.id.bytes.prefix(SealedLayout.epochHint.count))
    let rest = SealedLayout.overheadByteCount - 1 - hint.count
    let value = [1] + hint + [UInt8](repeating: 0, count: rest)
    return commit.mapSealed { write in
      FieldWrite(key: write.key, value: .bytes(value), sealed: true, shown: write.shown)
    }
  }
}

extension FieldWrite {
  /// A sealed value that acceptance refuses.
  fileprivate enum SealedProbe {
    case withoutEpoch
    case empty
  }

  fileprivate func probed(_ probe: SealedProbe) -> FieldWrite {
    let bytes: [UInt8] = probe == .empty ? [] : [0]
    return FieldWrite(key: key, value: .bytes(bytes), sealed: true, shown: shown)
  }
}

extension Commit {
  fileprivate func mapSealed(_ transform: (FieldWrite) -> FieldWrite) -> Commit {
    Commit(
      header: header,
      changes: changes.map { change in
        RecordChange(
          type: change.type, record: change.record, operation: change.operation,
          writes: change.writes.map { $0.sealed ? transform($0) : $0 })
      })
  }
}

import Merge
import Signing

/// What a piece of evidence comes to for somebody who has nothing but it: signatures are checked, and
/// nothing is believed.
public struct EvidenceFinding: Hashable, Sendable {
  public enum Weight: String, Sendable {
    /// Signatures alone show that the server, or a member with its help, shows what cannot be true.
    case proof
    /// It fits what is said of it, and rests on the finder's word as well.
    case indication
    /// It is not what it says it is.
    case nothing
  }

  public let weight: Weight
  /// One sentence for people.
  public let explanation: String

  init(_ weight: Weight, _ explanation: String) {
    self.weight = weight
    self.explanation = explanation
  }
}

extension Evidence {
  /// Checks all signatures in the evidence, offline.
  public func finding() -> EvidenceFinding {
    guard server.isValid else {
      return EvidenceFinding(.nothing, "the server's certificate does not verify")
    }
    switch shown {
    case .page(let page): return finding(page)
    case .view(let view): return finding(view)
    case .heads(let first, let second): return finding(first, second)
    case .chain(let known, let part): return finding(known, part)
    case .account(let head, let statements, let view): return finding(head, statements, view)
    case .other:
      return EvidenceFinding(.indication, "the bytes are as the finder kept them; see its kind")
    }
  }

  // MARK: Logs

  private func finding(_ first: SignedLogHead, _ second: SignedLogHead) -> EvidenceFinding {
    guard first.isSigned(by: server.log), second.isSigned(by: server.log) else {
      return EvidenceFinding(.nothing, "a head is not signed by the server")
    }
    let (left, right) = (first.head, second.head)
    guard left.space == right.space, left.incarnation == right.incarnation,
      left.position == right.position, left.hash != right.hash
    else { return EvidenceFinding(.nothing, "the two heads do not contradict each other") }
    return EvidenceFinding(
      .proof,
      "the server signed two histories of one space: they differ at \(left.position.rawValue)")
  }

  private func finding(_ shown: ContradictingView) -> EvidenceFinding {
    let space = shown.head.head.space
    guard shown.head.isSigned(by: server.log) else {
      return EvidenceFinding(.nothing, "the head is not signed by the server")
    }
    guard shown.view.isSigned(in: space) else {
      return EvidenceFinding(.nothing, "the view is not signed by its device")
    }
    let seen = shown.view.seen
    guard isWithinLog(seen.position, shown.entryHashes.count) else {
      return EvidenceFinding(.nothing, "no log is that long")
    }
    guard seen.incarnation == shown.head.head.incarnation, seen.head != shown.hash else {
      return EvidenceFinding(.nothing, "the two views do not contradict each other")
    }
    var head = LogHead(
      space: space, incarnation: seen.incarnation, position: seen.position, hash: shown.hash)
    for hash in shown.entryHashes { head = head.next(hash) }
    let what =
      "the server signed a history of the space that device \(shown.view.replica.device.hex) "
      + "signed to have seen otherwise at \(seen.position.rawValue); an honest server takes no such "
      + "signature, so it shows two histories, or lets that device say so"
    return EvidenceFinding(head == shown.head.head ? .proof : .indication, what)
  }

  private func isWithinLog(_ position: Position, _ count: Int) -> Bool {
    position.rawValue + UInt64(count) < Position.countMax
  }

  private struct Ground: PageGround {
    let shown: ShownPage

    func journalPoint(_ replica: ReplicaID) -> JournalPoint {
      shown.journals.first { $0.replica == replica }?.point ?? .start
    }

    func identityKey(_ device: DeviceID) -> SigningPublicKey? {
      shown.keys.first { DeviceID($0) == device }
    }
  }

  private func finding(_ shown: ShownPage) -> EvidenceFinding {
    let page = shown.page
    guard page.head.isSigned(by: server.log) else {
      return EvidenceFinding(
        .indication, "the page's head is not signed by the server: anybody could have made it")
    }
    guard isWithinLog(shown.position, page.entries.count) else {
      return EvidenceFinding(.nothing, "no log is that long")
    }
    let before = LogHead(
      space: page.head.head.space, incarnation: page.head.head.incarnation,
      position: shown.position, hash: shown.hash)
    let isSignedBefore = shown.signed.map { $0.head == before && $0.isSigned(by: server.log) }
    do {
      _ = try PageVerifier(server: server).verify(
        page, from: before, ground: Ground(shown: shown))
      return EvidenceFinding(
        .indication,
        "the server vouches for these entries; whether it should have accepted them takes the log "
          + "before them")
    } catch PageError.journalSignature {
      return EvidenceFinding(
        isSignedBefore == true ? .proof : .indication,
        "the server signed a log with a change that its author did not sign")
    } catch {
      return EvidenceFinding(
        .indication, "the page does not verify against what the finder held (\(error))")
    }
  }

  // MARK: Chains

  private func finding(_ known: SignedChainHead?, _ part: ChainPart) -> EvidenceFinding {
    guard part.head.isSigned(by: server.log) else {
      return EvidenceFinding(
        .indication, "the chain's head is not signed by the server: anybody could have made it")
    }
    guard let known, known.isSigned(by: server.log), known.chain == part.head.chain else {
      return EvidenceFinding(.indication, "the server vouches for the chain as it is shown here")
    }
    if part.head.point.index < known.point.index,
      part.head.timeMilliseconds > known.timeMilliseconds
    {
      return EvidenceFinding(
        .proof, "the server signed that the chain is shorter than it had signed before")
    }
    if part.head.point.index == known.point.index, part.head.point.hash != known.point.hash {
      return EvidenceFinding(.proof, "the server signed two heads of the chain at one place")
    }
    if contradicts(part.statements, known.point, upTo: part.head) {
      return EvidenceFinding(.proof, "the server signed two histories of the chain")
    }
    return EvidenceFinding(
      .indication, "the server vouches for a chain with a statement that does not verify")
  }

  /// Whether statements that lead to a signed head leave a known point out.
  private func contradicts(
    _ statements: [SignedStatement], _ known: ChainPoint, upTo head: SignedChainHead
  ) -> Bool {
    guard leads(statements, to: head), let first = statements.first?.statement else {
      return false
    }
    if first.index == known.index + 1 { return first.previous != known.hash }
    return statements.contains {
      $0.statement.index == known.index && $0.hash != known.hash
    }
  }

  /// Whether each statement names the one before, and the last one is the head's.
  private func leads(_ statements: [SignedStatement], to head: SignedChainHead) -> Bool {
    for (left, right) in zip(statements, statements.dropFirst()) {
      guard right.statement.index == left.statement.index + 1,
        right.statement.previous == left.hash
      else { return false }
    }
    return statements.last?.point == head.point
  }

  private func finding(
    _ head: SignedChainHead, _ statements: [SignedStatement], _ view: SignedView
  ) -> EvidenceFinding {
    guard head.isSigned(by: server.log) else {
      return EvidenceFinding(.nothing, "the chain's head is not signed by the server")
    }
    guard let space, view.isSigned(in: space) else {
      return EvidenceFinding(.nothing, "the view is not signed by its device")
    }
    let point = view.seen.account
    guard let first = statements.first?.point, first.index == point.index, first != point else {
      return EvidenceFinding(.nothing, "the two views do not contradict each other")
    }
    return EvidenceFinding(
      leads(statements, to: head) ? .proof : .indication,
      "the server signed a chain of the account of device \(view.replica.device.hex) that the "
        + "device itself signed to be another one")
  }
}

import Merge
import Sealing
import Signing
import SpaceStore
import SyncProtocol

/// Somebody for whom an epoch is wrapped: a member account, or a team.
struct EpochRecipient {
  let id: Bytes32
  let key: ExchangePublicKey
  /// Of the key, from 0.
  let generation: UInt64
}

/// New generations of spaces' keys.
extension Replica {
  /// Makes a generation of a space's key: the statement, one wrap for exactly each member, and the key
  /// before and further ones under the new one.
  ///
  /// The key is in the ring before the statement is sent, because the answer may be lost.
  func makeEpoch(
    in space: SpaceID, previous: (id: EpochID, key: SymmetricKey?)? = nil,
    further: [(id: EpochID, key: SymmetricKey)] = [], generation: UInt64 = 0,
    recipients: [EpochRecipient]
  ) throws -> (statement: SignedStatement, wraps: [[UInt8]]) {
    let key = SymmetricKey(random: environment.random)
    var wraps: [[UInt8]] = []
    var named: [EpochStatement.Wrap] = []
    for recipient in recipients.sorted(by: { $0.id < $1.id }) {
      let wrap: [UInt8]
      do {
        wrap = try EpochSecret.seal(
          key, space: space, previous: previous?.id, to: recipient.key, random: environment.random)
      } catch SealingError.weakPublicKey {
        throw ReplicaError.dishonest("a member's key is one that hides nothing")
      }
      wraps.append(wrap)
      named.append(
        EpochStatement.Wrap(
          recipient: recipient.id, keyGeneration: recipient.generation,
          hash: Hasher256.content(wrap)))
    }
    let predecessor = previous.flatMap { previous in
      previous.key.map { seal($0, of: previous.id, under: key, in: space) }
    }
    let seals = further.map { seal($0.key, of: $0.id, under: key, in: space) }
    wraps += (predecessor.map { [$0] } ?? []) + seals
    let body = EpochStatement(
      commitment: key.commitment(context: EpochSecret.context(space, previous?.id)), wraps: named,
      predecessor: predecessor.map { Hasher256.content($0) },
      furtherSeals: zip(further, seals).map {
        EpochStatement.Seal(epoch: $0.id, hash: Hasher256.content($1))
      })
    let signed = SignedStatement(
      Statement(
        subject: .space(space), index: generation, previous: previous?.id.digest,
        account: identity.account, device: identity.device,
        timeMilliseconds: try nowMilliseconds, body: .epoch(body)),
      key: try unlockedKeys().identity())
    try unlockedKeys().store(key, as: .epoch(space, EpochID(signed.hash)))
    return (signed, wraps)
  }

  private func seal(
    _ predecessor: SymmetricKey, of previous: EpochID, under key: SymmetricKey, in space: SpaceID
  ) -> [UInt8] {
    predecessor.withBytes { secret in
      KeyWrap.seal(
        SecretBytes(copying: secret), key: key,
        epochHint: Array(previous.bytes.prefix(SealedField.epochHintByteCount)),
        associatedData: EpochSecret.predecessorContext(space, previous),
        random: environment.random)
    }
  }

  /// Makes the epochs that are due: the first one of a casework or team space, and the next one
  /// wherever somebody was removed who holds the present one. The first device that may does it, also
  /// if it has nothing to write. One that cannot be made does not hold up the others.
  ///
  /// - Returns: whether anything was pushed.
  func makeDueEpochs(_ connection: Connection, _ report: inout SyncReport) throws -> Bool {
    var hasPushed = false
    for space in try store.spaceIDs() where try !hasLeft(space) {
      do {
        if try makeDueEpoch(in: space, connection) { hasPushed = true }
      } catch let error as ReplicaError {
        try report.keep(error, while: "keys of a space")
      }
    }
    return hasPushed
  }

  private func makeDueEpoch(in space: SpaceID, _ connection: Connection) throws -> Bool {
    let state = try store.state(space)
    guard state.ended == nil, let role = state.role(of: identity.account),
      SpaceState.mayMakeEpoch(role, in: state.kind)
    else { return false }
    let last = state.currentEpoch
    let key = try last.flatMap { try unlockedKeys().symmetric(.epoch(space, $0)) }
    let loose = try looseEpochs(state, connection)
    guard try isEpochDue(state, holdsPresent: key != nil, isAnyLoose: !loose.isEmpty),
      let recipients = try recipientKeys(state)
    else { return false }
    // Whoever does not hold it cannot pass it on; another device can, if anybody can. After a restore
    // that may be nobody: whoever holds it after all passes it on later.
    if let last, key == nil, state.past.isEmpty {
      guard try isLost(last, state) else { return false }
    }
    let (statement, wraps) = try makeEpoch(
      in: space, previous: last.map { ($0, key) }, further: loose,
      generation: UInt64(state.epochs.count), recipients: recipients)
    let verdicts = try push([statement], wraps: wraps, in: space, connection)
    if case .refused = verdicts.first {
      // Another device was faster, or somebody was removed just now: this key is nobody's.
      try unlockedKeys().drop(.epoch(space, EpochID(statement.hash)))
    }
    return true
  }

  /// Whether nobody holds an epoch: it was wrapped for accounts that were deleted, and for a team which
  /// has lost all of its members and begun anew since.
  private func isLost(_ epoch: EpochID, _ state: SpaceState) throws -> Bool {
    let number = try store.number(of: state.id)
    guard let made = state.epochs.first(where: { $0.id == epoch })?.made,
      case .statement(let signed)? = try store.log.entry(space: number, at: made)?.content,
      case .epoch(let body) = signed.statement.body
    else { return false }
    return try body.wraps.allSatisfy { wrap in
      if let team = TeamID(wrap.recipient.bytes), let chain = try chains.teamChain(team) {
        let restart = chain.predecessors.lastIndex(of: nil)
        return restart.map { wrap.keyGeneration <= UInt64($0) } ?? false
      }
      let account = AccountID(wrap.recipient.bytes)
      return try account.flatMap { try chains.accountChain($0) }?.isDeleted ?? false
    }
  }

  /// A space whose log was restored may have an epoch that this device cannot open, because its wraps
  /// were lost with whoever made them; or several that do not open each other.
  private func isEpochDue(
    _ state: SpaceState, holdsPresent: Bool, isAnyLoose: Bool
  ) throws -> Bool {
    guard state.currentEpoch != nil else { return state.kind == .casework || state.kind == .team }
    return try state.owesEpoch || isAnyLoose || (!holdsPresent && !state.past.isEmpty)
      || state.id == vault && isVaultKeySpent()
  }

  /// `nil` while a member's or team's key is not known, or has to be replaced first.
  private func recipientKeys(_ state: SpaceState) throws -> [EpochRecipient]? {
    guard !state.isTeamKeyOwed else { return nil }
    var result: [EpochRecipient] = []
    for recipient in state.epochRecipients {
      let found = try team(recipient) ?? member(recipient)
      guard let found else { return nil }
      result.append(found)
    }
    return result.isEmpty ? nil : result
  }

  private func team(_ id: Bytes32) throws -> EpochRecipient? {
    guard let team = TeamID(id.bytes), let chain = try chains.teamChain(team), let key = chain.key,
      let generation = chain.keyGeneration
    else { return nil }
    return EpochRecipient(id: id, key: key, generation: generation)
  }

  private func member(_ id: Bytes32) throws -> EpochRecipient? {
    try AccountID(id.bytes).flatMap { try recipient($0) }
  }

  /// An account with its present key; `nil` while its chain is not known, and where nothing may be
  /// wrapped for it.
  func recipient(_ account: AccountID) throws -> EpochRecipient? {
    guard try mayWrap(for: account), let id = Bytes32(account.bytes),
      let chain = try chains.accountChain(account)
    else { return nil }
    return EpochRecipient(id: id, key: chain.accountKey, generation: chain.keyGeneration)
  }
}

/// What comes back of an incarnation that was lost.
extension Acceptance {
  /// Old entries come back in their old order, without a gap.
  func check(_ place: LogPlace) throws(Refusal) {
    guard let past = state.past(place.incarnation) else { throw Refusal(.incarnationUnknown) }
    guard place.position == past.recoveredTo.next else { throw Refusal(.malformed, ["order"]) }
  }

  /// Commits, refusals and epochs were accepted once, and the server's signature over the lost log
  /// stands for that: to judge them again, on what has happened since, would take acknowledged work
  /// away. Who they are from is judged all the same, and so is all that says who takes part.
  func judge(lost fact: LogFact) throws {
    switch fact {
    case .commit(_, let origin): try checkKnown(origin.replica.device)
    case .stub(let commit, let origin):
      // An old page may hold what was compacted by then, and nothing else may be left out.
      for change in commit.changes where schema.type(change.type)?.isCompactable == false {
        throw Refusal(.malformed, [change.type, "stub"])
      }
      try checkKnown(origin.replica.device)
    case .epoch(let proposal): try checkKnown(proposal.author)
    case .ended(let author): try checkKnown(author)
    case .opened, .adminNamed, .memberJoined, .memberLeft, .teamKeyed, .consent, .typePinned:
      if case .refused(let refusal) = try judge(fact) { throw refusal }
    case .recovered(_, let inner): try judge(lost: inner)
    case .deviceRevoked, .deviceCertified, .time, .refused, .incarnation,
      .recoveredAlready:
      break
    }
  }

  /// A device of somebody who takes or took part.
  private func checkKnown(_ device: DeviceID) throws(Refusal) {
    if device == state.server { return }
    guard let standing = state.devices[device] else { throw Refusal(.deviceUnknown) }
    guard state.members[standing.account] != nil else { throw Refusal(.notMember) }
  }
}

import Merge
import Signing

/// What a device of the client does about one file for what stands: a pure function of what is shared
/// and what should be, so that every device comes to the same.
enum StandingStep: Hashable {
  case nothing
  /// Shares the file, or changes the share that there is.
  case share(changing: RecordID?, ConsentTerms)
  case end([RecordID])

  /// What is shared of a file with a person, and what stands for it.
  struct Situation {
    /// What the closest standing share gives now, and when it was said; `nil` where nothing is shared.
    let wanted: (terms: ConsentTerms, since: HybridTime)?
    /// All shares of the file with the person, in the order of their ids.
    let shares: [Share]
    /// The key that the person has now.
    let key: ExchangePublicKey
    let nowMilliseconds: UInt64
    /// Whether this device made the share.
    let isOwn: (Share) throws -> Bool
    /// When the file came to lie where it does.
    let placed: () throws -> HybridTime
  }

  init(_ situation: Situation) throws {
    let active = situation.shares.filter { $0.isActive(nowMilliseconds: situation.nowMilliseconds) }
    let automatic = active.filter(\.isAutomatic)
    guard let wanted = situation.wanted else {
      self = automatic.isEmpty ? .nothing : .end(automatic.map(\.id))
      return
    }
    // What a person shared by itself stays as they shared it.
    if active.contains(where: { !$0.isAutomatic && $0.accountKey == situation.key }) {
      self = .nothing
      return
    }
    let present = automatic.filter { $0.accountKey == situation.key }
    guard let first = present.first else {
      self = try Self.missing(wanted, situation)
      return
    }
    if first.terms != wanted.terms {
      self = .share(changing: first.id, wanted.terms)
      return
    }
    // Two devices made one at the same time: each takes back what it made beside the first.
    let spare = try present.dropFirst().filter(situation.isOwn)
    self = spare.isEmpty ? .nothing : .end(spare.map(\.id))
  }

  /// A share that was ended comes back only for something that was said or done after that.
  private static func missing(
    _ wanted: (terms: ConsentTerms, since: HybridTime), _ situation: Situation
  ) throws -> StandingStep {
    let present = situation.shares.filter { $0.accountKey == situation.key }
    if let taken = situation.shares.compactMap(\.endedByPerson).max(), taken > wanted.since {
      return .nothing
    }
    if let ended = present.compactMap(\.endedByDevice).max(), ended > wanted.since,
      try ended > situation.placed()
    {
      return .nothing
    }
    return .share(changing: present.last?.id, wanted.terms)
  }
}

import Merge
import Replica

/// What people do, at random: mostly to the same few records at the same time.
struct Workload {
  /// One thing that somebody does.
  enum Action: String, CaseIterable {
    case newTicket, editTicket, takeStep, comment, editComment, deleteTicket, decide, changeTerms
    case addFile, moveFile, removeFile, share, revoke, note, readShare, request

    /// How often, against the others.
    var weight: Int {
      switch self {
      case .editTicket, .takeStep: 8
      case .decide, .share, .note: 4
      case .newTicket, .comment, .addFile, .readShare: 3
      case .changeTerms, .editComment, .revoke, .request: 2
      case .deleteTicket, .moveFile, .removeFile: 1
      }
    }

    /// Whether it is for this person to do.
    func isFor(_ party: Party) -> Bool {
      switch self {
      case .newTicket, .editTicket, .takeStep, .comment, .editComment: party.name != "admin"
      case .decide: party.name != "admin"
      case .changeTerms: party.name == "admin"
      case .addFile, .moveFile, .removeFile, .share, .revoke:
        party.name == "client" || party.name == "tablet"
      case .deleteTicket, .note, .readShare, .request: party.name == "practitioner"
      }
    }
  }

  let world: World
  /// Puts what should be sealed into an open field; a planted bug.
  let isCareless: Bool
  var generator: SplitMix64
  private var textCount = 0

  init(_ world: World, seed: UInt64, isCareless: Bool) {
    self.world = world
    self.isCareless = isCareless
    generator = SplitMix64(seed: seed)
  }

  mutating func choose(for party: Party) -> Action {
    let actions = Action.allCases.filter { $0.isFor(party) }
    var number = generator.below(actions.reduce(0) { $0 + $1.weight })
    for action in actions {
      number -= action.weight
      if number < 0 { return action }
    }
    preconditionFailure("weights add up")
  }

  /// - Returns: what was done in a few words, for the trace; nothing where there was nothing to do it to.
  mutating func perform(_ action: Action, by party: Party) throws -> String {
    switch action {
    case .newTicket: try newTicket(party)
    case .editTicket: try editTicket(party)
    case .takeStep: try takeStep(party)
    case .comment: try comment(party)
    case .editComment: try editComment(party)
    case .deleteTicket: try deleteTicket(party)
    case .decide: try decide(party)
    case .changeTerms: try changeTerms(party)
    case .addFile: try addFile(party)
    case .moveFile: try moveFile(party)
    case .removeFile: try removeFile(party)
    case .share: try share(party)
    case .revoke: try revoke(party)
    case .note: try note(party)
    case .readShare: try readShare(party)
    case .request: try request(party)
    }
  }

  /// A text for a sealed field: another one each time, with the word that must not be found.
  mutating func text() -> String {
    textCount += 1
    return "\(CanaryChecker.canary) \(textCount) \(generator.below(1000))"
  }

  mutating func recordID(_ party: Party) -> RecordID { party.newRecordID() }
}

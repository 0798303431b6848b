import Merge
import SyncProtocol

/// Requests for a feed that wait until it moves; one a session.
struct HeldFeeds {
  struct Held {
    let account: AccountID
    let token: String
    let request: FeedRequest
    let answer: HeldAnswer
  }

  private var held: [AccountID: [String: Held]] = [:]

  var count: Int { held.values.reduce(0) { $0 + $1.count } }

  /// A later request of the same session takes the place of the one before, which gets its answer.
  mutating func insert(_ new: Held) {
    let before = held[new.account, default: [:]].updateValue(new, forKey: new.token)
    before?.answer.give(before?.answer.idleResponse ?? .failure(.serverFault))
  }

  mutating func remove(_ old: Held) {
    held[old.account]?[old.token] = nil
    if held[old.account]?.isEmpty == true { held[old.account] = nil }
  }

  /// Those of some accounts, or of all where `nil`.
  func all(of accounts: Set<AccountID>?) -> [Held] {
    guard let accounts else { return held.values.flatMap(\.values) }
    guard !held.isEmpty else { return [] }
    return accounts.flatMap { held[$0].map { Array($0.values) } ?? [] }
  }
}

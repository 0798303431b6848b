import Merge
import SyncProtocol

/// Numbers by which a connected device sees whether it has anything to ask for beside its spaces, and
/// whom a request concerned that waits for that.
///
/// In memory only: sessions are, too, and no number counts beyond one. What was rolled back may be
/// noted; then somebody asks in vain.
struct NewsBoard {
  /// Numbers kept for each of both; what is forgotten counts as new.
  private static let countMax = 65_536

  private var last: UInt64 = 1
  private var floor: UInt64 = 1
  private var accounts: [AccountID: UInt64] = [:]
  private var chains: [ChainReference: UInt64] = [:]
  /// Since they were last taken.
  private var touchedAccounts: Set<AccountID> = []
  private var hasTouchedChains = false

  /// One of the account's spaces has moved; the feed says which.
  mutating func move(_ account: AccountID) { touchedAccounts.insert(account) }

  /// There is something new for the account that its feed does not say.
  mutating func tell(_ account: AccountID) {
    makeRoom()
    last += 1
    accounts[account] = last
    touchedAccounts.insert(account)
  }

  mutating func grew(_ grown: Set<ChainReference>) {
    guard !grown.isEmpty else { return }
    makeRoom()
    last += 1
    for chain in grown { chains[chain] = last }
    hasTouchedChains = true
  }

  private mutating func makeRoom() {
    guard accounts.count >= Self.countMax || chains.count >= Self.countMax else { return }
    accounts = [:]
    chains = [:]
    last += 1
    floor = last
  }

  /// Changes whenever something is new for the account or on the chains.
  func number(_ account: AccountID, _ followed: [ChainReference]) -> UInt64 {
    followed.reduce(max(floor, accounts[account] ?? 0)) { max($0, chains[$1] ?? 0) }
  }

  /// Whom something may concern since the last time; `nil` for anybody.
  mutating func takeTouched() -> Set<AccountID>? {
    defer {
      touchedAccounts = []
      hasTouchedChains = false
    }
    return hasTouchedChains ? nil : touchedAccounts
  }
}

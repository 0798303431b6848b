import Merge
import Replica
import SyncProtocol

/// Once all is well, each kit on paper is of use or not, as its account's chain says: the one that counts
/// opens every key of the account, and who finds one that was replaced opens nothing with it.
struct KitChecker {
  let run: Run

  func problems() throws -> [String] {
    try run.papers.flatMap { try problems(of: $0) }
  }

  private func problems(of paper: PaperKit) throws -> [String] {
    let present = try run.parties.filter {
      try $0.account == paper.code.account && !$0.replica.wasRevoked()
    }
    guard let party = present.first, try !party.replica.isForked(paper.code.account) else {
      return []
    }
    let chain = try party.held.ownChain()
    let expected = chain.devices[paper.device]
    let what = "the kit of \(party.name) from \(paper.code.announced.index)"
    do {
      let drill = try Replica.drill(paper.keys, paper.code, transport: party.network)
      guard let expected, expected.revokedAt == nil else {
        return ["\(what) is out of the account, and opens its keys"]
      }
      if drill.counts != expected.counts || drill.accountKeyCount != chain.accountKeys.count {
        return ["\(what) opens \(drill.accountKeyCount) of \(chain.accountKeys.count) keys"]
      }
    } catch ReplicaError.kitRefused(let problem) {
      if let expected, expected.revokedAt == nil { return ["\(what) is refused: \(problem)"] }
    }
    return []
  }
}

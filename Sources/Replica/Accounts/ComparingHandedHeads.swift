import Database
import Merge
import Signing
import SyncProtocol

/// What the device that let this one in had seen. Without it a new device would take whatever the server
/// shows at first.
extension Replica {
  /// How far this device has got, signed for the next one. What it has left, or was shown with two
  /// histories, is not handed on.
  func handedHeads(for joining: DeviceID) throws -> HandedHeads {
    var known: [HandedHeads.Chain] = []
    for chain in try chains.references().prefix(HandedHeads.countMax) {
      let index = try chains.length(chain) - 1
      guard let statement = try chains.statement(chain, at: index) else { continue }
      known.append(HandedHeads.Chain(chain: chain, point: statement.point))
    }
    var spaces: [HandedHeads.Space] = []
    for space in try store.spaceIDs() where spaces.count < HandedHeads.countMax {
      let head = try store.head(space)
      guard head.position.rawValue > 0, try !hasLeft(space), try !isForked(space) else { continue }
      let seen = SeenHeads(
        account: try ownChain().head, incarnation: head.incarnation, position: head.position,
        head: head.hash, schema: schemaHash)
      spaces.append(HandedHeads.Space(space: space, seen: seen))
    }
    return HandedHeads(
      chains: known, spaces: spaces, for: joining, by: identity.device,
      key: try unlockedKeys().identity())
  }

  /// Keeps what was handed over, if a device of the account says so.
  func takeHandedHeads(_ heads: HandedHeads) throws {
    guard let author = try ownChain().devices[heads.device],
      heads.isSigned(for: identity.device, by: author.certificate.identity)
    else {
      throw ReplicaError.dishonest("the heads are not handed over by a device of the account")
    }
    try transaction {
      for handed in heads.chains {
        try database.run(
          "INSERT OR REPLACE INTO handed_chain VALUES (?, ?)", .blob(handed.chain.encoded),
          .blob(handed.point.encoded))
      }
      for handed in heads.spaces {
        try database.run(
          "INSERT OR REPLACE INTO handed_space VALUES (?, ?)", .blob(handed.space.bytes),
          .blob(handed.seen.encoded))
      }
    }
  }

  /// Holds what has been pulled against what was handed over. What goes through it is done with.
  ///
  /// - Returns: whether every space has got as far.
  func compareHandedHeads(_ report: inout SyncReport) throws -> Bool {
    let handedChains = try database.rows("SELECT chain, point FROM handed_chain ORDER BY chain") {
      (try ChainReference(decoding: $0.blob(0)), try ChainPoint(decoding: $0.blob(1)))
    }
    for (chain, point) in handedChains { try compare(chain, point, &report) }
    let handedSpaces = try database.rows("SELECT space, seen FROM handed_space ORDER BY space") {
      (row) -> (SpaceID, SeenHeads) in
      guard let space = SpaceID(row.blob(0)) else { throw ReplicaError.homeDamaged("space") }
      return (space, try SeenHeads(decoding: row.blob(1)))
    }
    var isReached = true
    for (space, seen) in handedSpaces where try !compare(space, seen, &report) {
      isReached = false
    }
    return isReached
  }

  private func compare(
    _ chain: ChainReference, _ point: ChainPoint, _ report: inout SyncReport
  ) throws {
    // One that nothing here rests on yet may come later.
    guard try chains.length(chain) > 0 else { return }
    guard let statement = try chains.statement(chain, at: point.index) else {
      return try tellWithheld("a chain", .other(chain.encoded + point.encoded), nil, &report)
    }
    if statement.hash == point.hash {
      try database.run("DELETE FROM handed_chain WHERE chain = ?", .blob(chain.encoded))
    } else {
      try keepEvidence(
        .other(chain.encoded + point.encoded), kind: "fork: handed chain", space: nil)
      try report.keep(
        .dishonest("the server shows another history of a chain than your other device has seen"),
        while: "receiving")
    }
  }

  /// - Returns: whether the space has got as far, or was left.
  private func compare(
    _ space: SpaceID, _ seen: SeenHeads, _ report: inout SyncReport
  ) throws -> Bool {
    guard try store.knows(space) else {
      try tellWithheld("a space", .other(space.bytes + seen.encoded), space, &report)
      return false
    }
    let state = try store.state(space)
    if try store.contradiction(of: seen, in: space) != nil {
      try keepEvidence(.other(seen.encoded), kind: "fork: handed head", space: space)
      try markForked(space)
      try report.keep(
        .dishonest("the server shows another history of a space than your other device has seen"),
        while: "receiving")
      return false
    }
    let isReached = state.incarnation > seen.incarnation || state.position >= seen.position
    // After a restore the other device hands back what it has, and compares for itself.
    guard try isReached || hasLeft(space) else {
      try tellWithheld("a space", .other(seen.encoded), space, &report)
      return false
    }
    try database.run("DELETE FROM handed_space WHERE space = ?", .blob(space.bytes))
    return true
  }

  private func tellWithheld(
    _ what: String, _ shown: ShownHistory, _ space: SpaceID?, _ report: inout SyncReport
  ) throws {
    try keepEvidence(shown, kind: "withheld: handed head", space: space)
    let warning = "the server shows less of \(what) than your other device has seen"
    if !report.warnings.contains(warning) { report.warnings.append(warning) }
  }
}

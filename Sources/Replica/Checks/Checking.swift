import CBOR
import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

extension Replica {
  /// What a check of a home came to.
  public typealias Findings = CheckReport

  /// Checks all that this home holds against itself: the file, chains from their first statement, logs
  /// from their first entry with every hash, signature and verdict, rows, what is unsent, wraps, blobs
  /// and, while it is unlocked, keys. With a way to the server, also whether both came to the same.
  ///
  /// - Parameters:
  ///   - transport: `nil` leaves the server alone.
  ///   - repairs: makes anew what can be derived, drops copies that are worth nothing, and fetches
  ///     damaged spaces and chains again. What is unsent is never touched.
  public func check(
    _ transport: (any Transport)? = nil, repairs: Bool = false
  ) throws -> CheckReport {
    var report = CheckReport()
    let connection = try transport.flatMap { try checkConnection($0, &report) }
    let damage = try checkEverything(connection, &report)
    guard repairs, !report.problems.isEmpty else { return report }
    let done = try Repair(replica: self, connection: connection).run(report, damage)
    guard !done.isEmpty else { return report }
    var after = CheckReport()
    after.repairs = done
    _ = try checkEverything(connection, &after)
    return after
  }

  /// Without a server the rest is checked all the same.
  private func checkConnection(
    _ transport: any Transport, _ report: inout CheckReport
  ) throws -> Connection? {
    var ignored = SyncReport()
    do {
      return try connect(transport, &ignored)
    } catch let error as ReplicaError {
      report.note("the server was not asked: \(error.explanation)")
      return nil
    }
  }

  private func checkEverything(
    _ connection: Connection?, _ report: inout CheckReport
  ) throws -> ObjectCheck.Damage {
    report.count(.database)
    for problem in try database.integrityCheck() { report.add(.database, problem, .none) }
    try checkChains(&report)
    try checkSpaces(&report)
    if let connection { try checkDigests(connection, &report) }
    return try ObjectCheck(replica: self).run(&report)
  }

  private func checkChains(_ report: inout CheckReport) throws {
    chains.forget()
    for reference in try chains.references() {
      report.count(.chains)
      do {
        try chains.verify(reference)
      } catch let error as SQLError {
        throw error
      } catch {
        report.add(.chains, "\(reference.name) does not verify (\(error))", .refetch)
      }
    }
  }

  /// Of the spaces that were left only what is unsent is here.
  package func checkSpaces(_ report: inout CheckReport) throws {
    let check = try SpaceCheck(of: store, ground: HomeGround(replica: self))
    for space in try store.spaceIDs() {
      let number = try store.storedNumber(space)
      if try !isLeft(number) { try check.run(space, into: &report) }
      try OutboxCheck(replica: self, space: space, number: number).run(&report)
    }
  }

  /// The same as ``hasLeft(_:)``, also where the space's state cannot be read.
  private func isLeft(_ number: Int64) throws -> Bool {
    try database.first("SELECT 1 FROM left_space WHERE space = ?", .integer(number)) { _ in true }
      ?? false
  }

  // MARK: Digests

  /// Compares with the server where both stand at the same position (design §6).
  private func checkDigests(_ connection: Connection, _ report: inout CheckReport) throws {
    var elsewhereCount = 0
    for space in try store.spaceIDs()
    where !report.problems.contains(where: { $0.space == space }) {
      guard try !hasLeft(space), try store.state(space).kind != nil else { continue }
      do {
        let isCompared = try compareDigest(space, connection, &report)
        if !isCompared { elsewhereCount += 1 }
      } catch let error as ReplicaError {
        report.note("the server did not say what a space came to: \(error.explanation)")
      }
    }
    if elsewhereCount > 0 {
      report.note("spaces that stand elsewhere at the server, sync first: \(elsewhereCount)")
    }
  }

  private func compareDigest(
    _ space: SpaceID, _ connection: Connection, _ report: inout CheckReport
  ) throws -> Bool {
    let head = try store.head(space)
    let answer = try connection.call(
      Path.digest,
      DigestRequest(
        space: space, incarnation: head.incarnation, position: head.position,
        schema: schemaHash),
      DigestResponse.self)
    guard let theirs = answer.digest else { return false }
    report.count(.digests)
    let own = try store.digest(of: space)
    guard own != theirs else { return true }
    var evidence = CBORWriter()
    evidence.array(count: 5)
    evidence.bytes(space.bytes)
    evidence.unsigned(head.incarnation)
    evidence.unsigned(head.position.rawValue)
    evidence.bytes(own.bytes)
    evidence.bytes(theirs.bytes)
    try keepEvidence(.other(evidence.bytes), kind: "digest", space: space)
    report.add(
      .digests, "here \(own.hex), at the server \(theirs.hex), at \(head.position.rawValue)",
      in: space, .none)
    return true
  }
}

extension ChainReference {
  /// For people.
  fileprivate var name: String {
    switch self {
    case .account(let id): "the chain of account \(id.hex.prefix(16))"
    case .organisation(let id): "the chain of organisation \(id.hex.prefix(16))"
    case .team(let id): "the chain of team \(id.hex.prefix(16))"
    }
  }
}

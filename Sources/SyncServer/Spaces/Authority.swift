import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Brings facts from other histories into a space's log: devices from account chains,
/// administrators from the organisation's, staff from the team's, consent from the assignment.
///
/// Kept for each space and source is how far the source was looked through.
struct Authority {
  let writer: LogWriter
  let space: SpaceID

  private var core: ServerCore { writer.core }

  /// Additions stand before their first use, removals before any later entry.
  func bring(_ link: SpaceLink, members: [AccountID]) throws {
    for account in Set(members + [link.opener]).sorted() { try bring(.account(account)) }
    if let organisation = link.organisation { try bring(.organisation(organisation)) }
    if let team = link.team { try bring(.team(team)) }
    if let assignment = link.assignment { try bringConsent(assignment) }
  }

  // MARK: Chains

  private func bring(_ chain: ChainReference) throws {
    guard let head = try core.chains.point(chain) else { return }
    let reached = try reached(chain.encoded)
    guard reached <= head.index else { return }
    for index in reached...head.index {
      guard let signed = try core.chains.statement(chain, at: index) else {
        throw StateError.damaged
      }
      if let account = Self.joining(signed.statement) { try bring(.account(account)) }
      if Self.matters(signed.statement.body) {
        try append(.chain(chain, signed.point))
      }
    }
    try reach(chain.encoded, head.index + 1)
  }

  /// Whose devices a team's statement makes use of.
  private static func joining(_ statement: Statement) -> AccountID? {
    switch statement.body {
    case .teamKey: statement.account
    case .teamAdmission(let admission): admission.account
    default: nil
    }
  }

  private static func matters(_ body: StatementBody) -> Bool {
    switch body {
    case .accountCreation, .accountDeletion, .deviceAddition, .deviceRevocation,
      .organisationCreation,
      .organisationType, .teamKey, .teamAdmission, .teamRemoval:
      true
    case .organisationMember(let member): member.role == .admin
    default: false
    }
  }

  // MARK: Consent

  private func bringConsent(_ assignment: SpaceID) throws {
    guard try core.store.knows(assignment) else { return }
    let last = try core.store.state(assignment).position
    let number = try core.store.number(of: assignment)
    var position = Position(try reached(assignment.bytes))
    guard position < last else { return }
    while position < last {
      position = position.next
      let entry = try core.store.log.entry(space: number, at: position)
      guard case .commit(let origin, let encoded)? = entry?.content else { continue }
      let writesConsent = try encoded.decoded().changes.contains { $0.type == Consent.type }
      guard writesConsent, let found = try core.store.log.find(space: number, origin) else {
        continue
      }
      // What came back with this space's own log stands in it already.
      guard try !cameBack(position) else { continue }
      try append(.consent(assignment, position, found.entry.content.hash(at: found.point)))
    }
    try reach(assignment.bytes, last.rawValue)
  }

  private func cameBack(_ position: Position) throws -> Bool {
    try core.database.first(
      "SELECT 1 FROM recovered_consent WHERE space = ? AND position = ?", .blob(space.bytes),
      .integer(Int64(position.rawValue))
    ) { _ in true } ?? false
  }

  // MARK: How far

  private func append(_ reference: AuthorityReference) throws {
    let resolver = FactResolver(space: space, source: core.chains)
    let fact = try resolver.fact(.authority(reference))
    try writer.append(.authority(reference), fact, in: space)
  }

  func reached(_ source: [UInt8]) throws -> UInt64 {
    let number = try core.database.first(
      "SELECT reached FROM authority WHERE space = ? AND source = ?", .blob(space.bytes),
      .blob(source)
    ) { $0.integer(0) }
    return UInt64(clamping: number ?? 0)
  }

  func reach(_ source: [UInt8], _ number: UInt64) throws {
    try core.database.run(
      "INSERT INTO authority VALUES (?, ?, ?) ON CONFLICT (space, source) DO UPDATE "
        + "SET reached = excluded.reached",
      .blob(space.bytes), .blob(source), .integer(Int64(number)))
  }
}

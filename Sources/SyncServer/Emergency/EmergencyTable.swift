import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Emergency deposits: whose vault each one opens, and the server's share of it, which lies among the
/// wraps of the casework space and is destroyed for good once the deposit is over.
struct EmergencyTable {
  struct Deposit: Hashable {
    let space: SpaceID
    let record: RecordID
    /// Of whoever made the deposit.
    let vault: SpaceID
    /// The name of the server's share.
    let share: Digest
  }

  /// What a deposit comes to now.
  enum Standing: Hashable {
    case ready
    /// The account may have it, until log or server say that it is over.
    case open(AccountID)
    case over
  }

  /// How far a clock may go back before the server takes it to have been set back, milliseconds.
  private static let toleranceMilliseconds: UInt64 = 5 * 60 * 1000

  let core: ServerCore

  // MARK: Rows

  func insert(_ record: RecordID, share: Digest, by depositor: AccountID, in space: SpaceID) throws
  {
    try core.database.run(
      "INSERT INTO emergency_share VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      .blob(space.bytes), .blob(record.bytes), .blob(SpaceID.vault(of: depositor).bytes),
      .blob(share.bytes))
  }

  func deposits(of vault: SpaceID) throws -> [Deposit] {
    try rows("WHERE vault = ?", [.blob(vault.bytes)])
  }

  func deposit(ofShare hash: Digest, in space: SpaceID) throws -> Deposit? {
    try rows("WHERE space = ? AND share = ?", [.blob(space.bytes), .blob(hash.bytes)]).first
  }

  func deposit(_ record: RecordID, in space: SpaceID) throws -> Deposit? {
    try rows("WHERE space = ? AND record = ?", [.blob(space.bytes), .blob(record.bytes)]).first
  }

  private func rows(_ condition: String, _ arguments: [SQLValue]) throws -> [Deposit] {
    try core.database.withStatement(
      "SELECT space, record, vault, share FROM emergency_share \(condition) ORDER BY space, record"
    ) { row in
      try row.bind(arguments)
      var found: [Deposit] = []
      while try row.step() {
        guard let space = SpaceID(row.blob(0)), let record = RecordID(row.blob(1)),
          let vault = SpaceID(row.blob(2)), let share = Digest(row.blob(3))
        else { throw StateError.damaged }
        found.append(Deposit(space: space, record: record, vault: vault, share: share))
      }
      return found
    }
  }

  // MARK: Standing

  func standing(of deposit: Deposit) throws -> Standing {
    guard try core.store.knows(deposit.space) else { return .over }
    let number = try core.store.number(of: deposit.space)
    let key = RowKey(space: number, type: EmergencyRules.deposit, record: deposit.record)
    let row = try core.store.tables.shownState(key)
    let words = row.registers["state"]?.siblings.map(\.value.text) ?? []
    guard row.created != nil, !words.isEmpty, words.allSatisfy({ $0 == "active" }),
      row.registers["closed"]?.siblings.isEmpty ?? true
    else { return .over }
    guard let access = row.registers["access"]?.siblings.first else { return .ready }
    let state = try core.store.state(deposit.space)
    guard let until = access.value.map?["until"]?.integer.flatMap({ UInt64(exactly: $0) }),
      let opener = state.devices[access.authorship.origin.replica.device]?.account,
      state.role(of: opener) == .staff,
      max(try time(), state.timeMilliseconds) < until, try !wasSetBack()
    else { return .over }
    return .open(opener)
  }

  /// How late it is for emergencies: what the clock says, and all by which it went back while one was
  /// open. It never goes back, and never stands still.
  private func time() throws -> UInt64 {
    max(try delayed(), try ServerSetting.emergencyClock.value(in: core.database))
  }

  private func delayed() throws -> UInt64 {
    core.now + (try ServerSetting.emergencyDelay.value(in: core.database))
  }

  /// A clock that goes far back would make 24 hours longer, by as much as nobody has looked for: what is
  /// open then is over.
  private func wasSetBack() throws -> Bool {
    try delayed() + Self.toleranceMilliseconds
      < ServerSetting.emergencyClock.value(in: core.database)
  }

  /// Inside of a transaction: notes how late it is while a deposit is open, and by how much the clock has
  /// gone back.
  private func noteTime() throws {
    let known = try ServerSetting.emergencyClock.value(in: core.database)
    let now = try delayed()
    if now > known { return try ServerSetting.emergencyClock.set(now, in: core.database) }
    guard now < known else { return }
    let delay = try ServerSetting.emergencyDelay.value(in: core.database)
    try ServerSetting.emergencyDelay.set(delay + known - now, in: core.database)
  }

  /// Inside of a transaction: nothing is open that a clock could prolong.
  private func forgetTime() throws {
    guard try ServerSetting.emergencyClock.value(in: core.database) > 0 else { return }
    try ServerSetting.emergencyClock.set(0, in: core.database)
    try ServerSetting.emergencyDelay.set(0, in: core.database)
  }

  /// Destroys the share of a deposit that is over. Nothing brings it back: not another clock, not
  /// another process.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  func destroyIfOver(_ deposit: Deposit) throws -> Bool {
    let wraps = WrapTable(database: core.database)
    guard try wraps.contains(.space(deposit.space), deposit.share),
      try standing(of: deposit) == .over
    else { return false }
    try wraps.destroy(.space(deposit.space), deposit.share)
    return true
  }

  /// Ends what has run out, whether anybody asks or not.
  func sweep() throws {
    var isAnyOpen = false
    for deposit in try rows("", []) {
      try destroyIfOver(deposit)
      if !isAnyOpen, case .open = try standing(of: deposit) { isAnyOpen = true }
    }
    if isAnyOpen { try noteTime() } else { try forgetTime() }
  }

  // MARK: The gate

  /// The words of the access audit.
  enum Outcome: String {
    case granted
    case notOpener = "not-opener"
    case notOpen = "not-open"
    case over
    /// The server was restored, and no device of the client's has been here since.
    case withheld
  }

  /// Inside of a transaction: whether the deposit is open to whoever asks.
  func outcome(_ deposit: Deposit, _ session: Session) throws -> Outcome {
    try destroyIfOver(deposit)
    guard
      try WrapTable(database: core.database).contains(.space(deposit.space), deposit.share)
    else { return .over }
    guard case .open(let opener) = try standing(of: deposit) else { return .notOpen }
    guard opener == session.account, session.scope == .full else { return .notOpener }
    guard try !core.isWithholding(deposit.space) else { return .withheld }
    try noteTime()
    return .granted
  }

  /// Whether the server's share may be handed out: to whoever opened the deposit, and to the client,
  /// who made the share, to see that it is there. Audited.
  func releasesShare(_ deposit: Deposit, _ session: Session) throws -> Bool {
    if deposit.vault == .vault(of: session.account) { return true }
    let outcome = try outcome(deposit, session)
    try AccessAudit(core: core).write(
      .emergencyKey, deposit.space, object: deposit.record.bytes, outcome, by: session)
    return outcome == .granted
  }

  /// Whether somebody who is not the owner may read the vault now. Audited where there is a deposit.
  func releases(_ vault: SpaceID, object: [UInt8], _ session: Session) throws -> Bool {
    try core.transaction {
      var last: (Deposit, Outcome)?
      for deposit in try deposits(of: vault)
      where try core.store.state(deposit.space).role(of: session.account) == .staff {
        last = (deposit, try outcome(deposit, session))
        if last?.1 == .granted { break }
      }
      guard let (_, outcome) = last else { return false }
      try AccessAudit(core: core).write(.emergencyRead, vault, object: object, outcome, by: session)
      return outcome == .granted
    }
  }
}

import Database
import Merge
import SpaceStore
import SyncProtocol

extension ServerCore {
  /// What every space that is written to goes on as.
  func incarnation() throws -> UInt64 {
    if let knownIncarnation { return knownIncarnation }
    let number = try ServerSetting.incarnation.value(in: database)
    knownIncarnation = number
    return number
  }

  /// Numbers that a lost log may have given after the backup.
  static var numberMargin: Int64 { 1000 }

  /// Starts a new incarnation of all logs: what was signed after the backup may come back, and is told
  /// apart by its number.
  ///
  /// The number is the time, so that it is another one than any that the backup does not know of.
  ///
  /// - Parameters:
  ///   - seen: an incarnation that was signed and is not known here.
  ///   - isWithholding: whether shares wait until their client has been here; not after a mere crash.
  func beginIncarnation(after seen: UInt64 = 0, isWithholding: Bool) throws {
    try transaction {
      let number = max(now, try ServerSetting.incarnation.value(in: database) + 1, seen + 1)
      try ServerSetting.incarnation.set(number, in: database)
      if isWithholding { try ServerSetting.withholding.set(number, in: database) }
      try database.run("UPDATE counter SET last = last + ?", .integer(Self.numberMargin))
    }
    knownIncarnation = nil
  }

  /// Something is known to be lost: from here on shares wait, if they did not already.
  ///
  /// - Parameter number: the incarnation that began when it was lost.
  func withhold(since number: UInt64) throws {
    guard try ServerSetting.withholding.value(in: database) < number else { return }
    try transaction { try ServerSetting.withholding.set(number, in: database) }
  }

  // MARK: Shares

  /// Whether the shares of an engagement wait: the backup may have forgotten that they were revoked,
  /// and a device of the client's will say so when it comes.
  func isWithholding(_ space: SpaceID) throws -> Bool {
    let since = try ServerSetting.withholding.value(in: database)
    guard since > 0 else { return false }
    let released = try database.first(
      "SELECT incarnation FROM released_space WHERE space = ?", .blob(space.bytes)
    ) { UInt64(clamping: $0.integer(0)) }
    return (released ?? 0) < since
  }

  /// A device of the client's has nothing that the server does not have.
  func release(_ space: SpaceID, by account: AccountID) throws {
    let since = try ServerSetting.withholding.value(in: database)
    guard since > 0, let state = try openedState(space), let role = state.members[account]?.role,
      role == .client || role == .contact, try isWithholding(space)
    else { return }
    try transaction {
      try database.run(
        "INSERT INTO released_space VALUES (?, ?) ON CONFLICT (space) DO UPDATE "
          + "SET incarnation = excluded.incarnation",
        .blob(space.bytes), .integer(Int64(clamping: since)))
    }
  }
}

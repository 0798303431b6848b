import Merge
import Sealing
import Signing
import SyncProtocol

extension Replica {
  public var isLocked: Bool { keys == nil }

  /// Opens the key ring with the password.
  ///
  /// - Throws: ``ReplicaError/wrongPassword``; ``ReplicaError/loggedOut``; ``ReplicaError/homeDamaged(_:)``
  ///   where the cost that the home names is one that nobody of ours has chosen: nothing is derived then.
  public func unlock(password: borrowing SecretBytes) throws {
    try unlock(passwordKey: passwordKey(password))
  }

  /// Opens the key ring with a key that an agent kept.
  public func unlock(passwordKey: SymmetricKey) throws {
    if try isLoggedOut() { throw ReplicaError.loggedOut }
    keys = try ring(passwordKey)
  }

  private func ring(_ passwordKey: SymmetricKey) throws -> KeyRing {
    let ring = KeyRing(
      database: database, passwordKey: passwordKey, random: environment.random)
    guard try ring.isOpen() else { throw ReplicaError.wrongPassword }
    return ring
  }

  /// Forgets every key, and what was opened with them. Nothing unsent is lost.
  public func lock() {
    keys = nil
    nameCache = [:]
    verifiedKeyCache = nil
  }

  private func passwordKey(_ password: borrowing SecretBytes) throws -> SymmetricKey {
    try PasswordKey.derive(password: password, parameters: settings.passwordParameters())
  }

  // MARK: The password

  /// Seals the key ring under another password. All of it, or nothing: whenever the process ends, one
  /// of the two passwords opens all keys. The home is unlocked afterwards.
  ///
  /// - Throws: ``ReplicaError/wrongPassword`` where the old one is not the present one.
  public func changePassword(
    from old: borrowing SecretBytes, to new: borrowing SecretBytes
  ) throws {
    if try isLoggedOut() { throw ReplicaError.loggedOut }
    let present = try ring(passwordKey(old))
    let parameters = PasswordKey.Parameters(random: environment.random)
    let key = try PasswordKey.derive(password: new, parameters: parameters)
    try transaction {
      try present.reseal(under: key)
      try settings.set(.passwordParameters, parameters.encoded)
    }
    keys = try ring(key)
    // Pages with what the old password opens.
    try database.checkpoint()
  }

  // MARK: Logging out

  /// Whether somebody has logged out here: nothing is sent, fetched or opened until they log in again.
  public func isLoggedOut() throws -> Bool { try settings.bytes(.loggedOut) != nil }

  /// Ends the use of this home by whoever knows no password: it is locked, talks to no server, and what
  /// others have shared goes from it. What is unsent stays, and so do the own files.
  ///
  /// - Returns: how many changes are unsent.
  @discardableResult
  public func logOut() throws -> Int {
    lock()
    try settings.set(.loggedOut, [1])
    // Leases are over; the next unlocked sync begins new ones.
    try settings.remove(.leasesRenewed)
    try dropWithdrawnShares()
    try database.checkpoint()
    return try status().pendingCount
  }

  /// Undoes ``logOut()``, and unlocks.
  ///
  /// - Throws: ``ReplicaError/wrongPassword``.
  public func logIn(password: borrowing SecretBytes) throws {
    keys = try ring(passwordKey(password))
    try settings.remove(.loggedOut)
  }

  /// Ends every session of this device at the server. Needs no password.
  public func endSessions(_ transport: any Transport) throws {
    let connection = Connection(transport)
    _ = try connection.info(expecting: identity.server)
    try connection.openSession(
      identity, scope: .pull, key: try settings.transportKey(), onTime: { _ in })
    _ = try connection.send(.post, Path.sessionEnd)
  }
}

extension Settings {
  /// What the home says that its password costs.
  ///
  /// - Throws: ``ReplicaError/homeDamaged(_:)`` where that is less or more than anybody of ours chooses.
  func passwordParameters() throws -> PasswordKey.Parameters {
    guard let encoded = try bytes(.passwordParameters) else {
      throw ReplicaError.homeDamaged("password parameters")
    }
    do throws(SealingError) {
      return try PasswordKey.Parameters(encoded: encoded)
    } catch {
      throw ReplicaError.homeDamaged("password parameters")
    }
  }
}

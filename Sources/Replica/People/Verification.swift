import CBOR
import Merge
import Signing
import SyncProtocol

/// Whether somebody's keys were compared with what they see themselves.
public enum Verification: String, Hashable, Sendable {
  /// This account.
  case own
  /// A person has compared them.
  case verified
  /// This device invited them, and they came back with the invitation's secret.
  case invited
  /// Who this is rests on an administrator's word.
  case unverified
  /// They were compared, and the key has been replaced since: nothing is wrapped for it until somebody
  /// looks.
  case keyChanged = "key changed"

  /// Whether a list of people has to say so.
  public var isMarked: Bool { self == .unverified || self == .keyChanged }
}

/// Somebody's keys as they were when a person compared them.
public struct VerifiedKey: Hashable, Sendable {
  public let fingerprint: AccountFingerprint
  /// By the clock of the device on which it was done; milliseconds since 1970.
  public let timeMilliseconds: UInt64
  /// Taken back.
  let isForgotten: Bool
}

extension VerifiedKey {
  var value: CBORValue {
    .array([.bytes(fingerprint.encoded), .unsigned(timeMilliseconds), .bool(isForgotten)])
  }

  init?(_ value: CBORValue) {
    guard let parts = value.array, parts.count == 3, let bytes = parts[0].bytes,
      case .unsigned(let time) = parts[1], case .bool(let isForgotten) = parts[2]
    else { return nil }
    do throws(WireError) {
      fingerprint = try AccountFingerprint(decoding: bytes)
    } catch {
      return nil
    }
    timeMilliseconds = time
    self.isForgotten = isForgotten
  }
}

extension Replica {
  /// What this account's people compare with others.
  public func ownFingerprint() throws -> AccountFingerprint {
    try fingerprint(of: identity.account)
  }

  /// A person's keys as this device sees them now.
  public func fingerprint(of account: AccountID) throws -> AccountFingerprint {
    AccountFingerprint(account: account, key: try accountKey(of: account))
  }

  /// Notes that a person has compared these keys. Goes to the account's other devices.
  ///
  /// - Throws: ``ReplicaError/badInput(_:)`` where the key was replaced while they looked.
  public func verify(_ fingerprint: AccountFingerprint) throws {
    guard fingerprint.account != identity.account else {
      throw ReplicaError.badInput("these are your own keys")
    }
    guard try self.fingerprint(of: fingerprint.account) == fingerprint else {
      throw ReplicaError.badInput("the keys were replaced meanwhile; look again")
    }
    try keep(fingerprint, isForgotten: false)
  }

  /// Takes a verification back.
  public func forgetVerification(of account: AccountID) throws {
    guard let known = try verifiedKeys()[account] else {
      throw ReplicaError.notFound("verification of \(personName(account))")
    }
    try keep(known.fingerprint, isForgotten: true)
  }

  private func keep(_ fingerprint: AccountFingerprint, isForgotten: Bool) throws {
    let latest =
      try entries(.verification)
      .compactMap { VerifiedKey($0.value)?.timeMilliseconds }.max() ?? 0
    let key = VerifiedKey(
      fingerprint: fingerprint, timeMilliseconds: max(try nowMilliseconds, latest + 1),
      isForgotten: isForgotten)
    try keepEntry(.verification, subject: fingerprint.account.bytes, key.value)
    verifiedKeyCache = nil
  }

  /// What people have compared, on any device of this account, by account.
  ///
  /// - Throws: ``ReplicaError/locked``.
  public func verifiedKeys() throws -> [AccountID: VerifiedKey] {
    _ = try unlockedKeys()
    var newest: [AccountID: VerifiedKey] = [:]
    for entry in try entries(.verification) {
      guard let key = VerifiedKey(entry.value) else { continue }
      let account = key.fingerprint.account
      if newest[account].map({ $0.timeMilliseconds < key.timeMilliseconds }) ?? true {
        newest[account] = key
      }
    }
    return newest.filter { !$0.value.isForgotten }
  }

  /// - Throws: ``ReplicaError/locked``.
  public func verification(of account: AccountID) throws -> Verification {
    if account == identity.account { return .own }
    if try knownKeys()[account] != nil {
      return try mayWrap(for: account) ? .verified : .keyChanged
    }
    let isInvited = try handedOutState(lookup: Self.invitedNameLookup(account)) != nil
    let generation = try chains.accountChain(account)?.keyGeneration
    return isInvited && generation == 0 ? .invited : .unverified
  }

  // MARK: Marks

  /// A person's name, marked where nobody has compared their keys: for wherever people are listed or
  /// chosen.
  public func markedName(_ account: AccountID) -> String { personName(account) + mark(of: account) }

  /// What follows a name or id: “ (unverified)”, “ (key changed)”, or nothing. Nothing is marked while
  /// locked.
  public func mark(of account: AccountID) -> String {
    if isLocked { return "" }
    do {
      let verification = try verification(of: account)
      return verification.isMarked ? " (\(verification.rawValue))" : ""
    } catch {
      // Nobody counts as compared because that could not be read.
      return " (\(Verification.unverified.rawValue))"
    }
  }

  private func knownKeys() throws -> [AccountID: VerifiedKey] {
    if let known = verifiedKeyCache { return known }
    let known = try verifiedKeys()
    verifiedKeyCache = known
    return known
  }

  // MARK: New wraps

  /// Whether keys may be wrapped for a person: not where theirs was replaced since it was compared.
  func mayWrap(for account: AccountID) throws -> Bool {
    try hasUnchangedKey(account) && !isForked(account)
  }

  /// Whether an account has the key that was compared, or none was.
  private func hasUnchangedKey(_ account: AccountID) throws -> Bool {
    guard account != identity.account, let verified = try knownKeys()[account],
      let chain = try chains.accountChain(account)
    else { return true }
    return chain.accountKey == verified.fingerprint.key
  }

  /// - Throws: ``ReplicaError/keyChanged(_:)``.
  func requireUnchangedKey(of account: AccountID) throws {
    guard try hasUnchangedKey(account) else { throw ReplicaError.keyChanged(personName(account)) }
  }

  /// Whose keys were replaced since somebody compared them, sorted; none while locked.
  func changedKeys() throws -> [AccountID] {
    if isLocked { return [] }
    return try knownKeys().keys.sorted().filter { try !hasUnchangedKey($0) }
  }

  /// Tells for whom nothing is wrapped any more.
  func warnOfChangedKeys(_ report: inout SyncReport) throws {
    for account in try changedKeys() {
      let name = personName(account)
      let warning =
        "the key of \(name) was replaced since you compared it: nothing new is shared until "
        + "`satchel key verify`"
      if !report.warnings.contains(warning) { report.warnings.append(warning) }
    }
  }
}

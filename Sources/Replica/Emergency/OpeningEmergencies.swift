import CBOR
import Merge
import Sealing
import Signing
import SyncProtocol

/// The emergency team's side.
extension Replica {
  /// The shortest justification, in characters.
  public static let emergencyReasonCountMin = 20
  /// Log time lags behind clocks: asked for to the last second, 24 hours would be more than allowed.
  private static var openMillisecondsMargin: UInt64 { 60_000 }

  /// Opens a client's deposit: recorded in the log first, and only then is the server's share handed out.
  ///
  /// - Parameter hours: 1 to 24.
  /// - Throws: ``ReplicaError/badInput(_:)``, ``ReplicaError/notReady(_:)`` where there is no deposit.
  public func openEmergency(
    of client: AccountID, kind: String, reason: String, hours: Int, _ transport: any Transport
  ) throws -> EmergencyDeposit {
    guard (1...24).contains(hours) else {
      throw ReplicaError.badInput("an emergency is open for 1 to 24 hours")
    }
    guard reason.count >= Self.emergencyReasonCountMin else {
      throw ReplicaError.badInput(
        "say why, in at least \(Self.emergencyReasonCountMin) characters: the client will read it")
    }
    _ = try sync(transport)
    let deposit = try readyDeposit(of: client)
    let longest = EmergencyRules.openMillisecondsMax - Self.openMillisecondsMargin
    let until = try nowMilliseconds + min(UInt64(hours) * 3_600_000, longest)
    let access = CBORValue.map(
      CBORMap([
        (.text("kind"), .text(kind)), (.text("until"), .integer(Int64(clamping: until))),
      ]))
    try write(
      Draft([
        Draft.Change(
          .update, EmergencyRules.deposit, deposit.id,
          [Draft.Write("access", access), Draft.Write("reason", .text(reason))])
      ]), in: deposit.space)
    _ = try sync(transport)
    var report = SyncReport()
    let opened = try openDeposit(of: client)
    _ = try emergencyKey(opened, connect(transport, &report))
    return opened
  }

  /// The client that is meant: by name where one is known, or by the beginning of the account's id.
  public func emergencyClient(named name: String) throws -> AccountID {
    let clients = Set(try caseworkSpaces().filter { $0.role == .staff }.flatMap(\.contacts))
    let lower = name.lowercased()
    let found = clients.filter {
      lower.utf8.count >= RecordPrefix.digitCountMin && $0.hex.hasPrefix(lower)
    }
    guard let first = found.first, found.count == 1 else { return try person(named: name) }
    return first
  }

  private func readyDeposit(of client: AccountID) throws -> EmergencyDeposit {
    let all = try emergencyDeposits().filter { $0.client == client }
    if all.contains(where: { $0.phase == .open }) {
      throw ReplicaError.badInput("this vault is open already; it is not opened for longer")
    }
    guard let ready = all.first(where: { $0.phase == .ready }) else {
      throw ReplicaError.notReady(
        all.contains { $0.phase == .ended && !$0.isWithdrawn }
          ? "this deposit was opened before; the client's device has to make the next one"
          : "\(personName(client)) has made no emergency deposit")
    }
    return ready
  }

  /// The deposit of a client that this account has open now.
  func openDeposit(of client: AccountID) throws -> EmergencyDeposit {
    let found = try emergencyDeposits().first {
      $0.client == client && $0.phase == .open && $0.access?.opener == identity.account
    }
    guard let found else {
      throw ReplicaError.badInput("you have no emergency of \(personName(client)) open")
    }
    guard found.access?.isRecorded == true else {
      throw ReplicaError.notReady("the server has not recorded the emergency yet")
    }
    return found
  }

  /// Ends an emergency before its time: whoever opened it, or the client.
  public func closeEmergency(of client: AccountID) throws {
    let open = try emergencyDeposits().filter { $0.client == client && $0.phase == .open }
    guard !open.isEmpty else {
      throw ReplicaError.badInput("no emergency of \(personName(client)) is open")
    }
    for deposit in open {
      try write(
        Draft([
          Draft.Change(
            .update, EmergencyRules.deposit, deposit.id,
            [Draft.Write("closed", .integer(Int64(try nowMilliseconds)))])
        ]), in: deposit.space)
    }
  }

  /// The vault's key out of the deposit, with the server's share of it. Nothing of it is kept.
  func emergencyKey(
    _ deposit: EmergencyDeposit, _ connection: Connection
  ) throws -> SymmetricKey {
    let share = try emergencyShare(deposit, connection)
    let name = KeyRing.Name.team(deposit.team, generation: Int(deposit.keyGeneration))
    guard let team = try unlockedKeys().exchange(name) else {
      throw ReplicaError.notReady("this device does not hold the emergency team's key")
    }
    let opened: SymmetricKey?
    do throws(SealingError) {
      opened = try deposit.secret.open(deposit.box, share: share, team: team)
    } catch {
      opened = nil
    }
    guard let opened else {
      throw ReplicaError.cannotOpen("the emergency deposit")
    }
    return opened
  }

  private func emergencyShare(
    _ deposit: EmergencyDeposit, _ connection: Connection
  ) throws -> SymmetricKey {
    let bytes = try fetchWrap(deposit.share, of: .space(deposit.space), connection)
    guard let share = bytes?.withUnsafeBytes({ SymmetricKey(copying: $0) }) else {
      throw ReplicaError.notReady("the server does not hand out its share of the emergency key")
    }
    return share
  }

  // MARK: Drill

  /// What stands in the way of an emergency.
  public struct EmergencyDrill: Hashable, Sendable {
    public let client: AccountID
    /// `nil` where the deposit could be opened.
    public let problem: String?
  }

  /// Looks whether deposits could be opened, and opens none: a member of the emergency team for each
  /// client with casework, a client for the own one, up to the inner layer.
  public func drillEmergencies(_ transport: any Transport) throws -> [EmergencyDrill] {
    _ = try sync(transport)
    var report = SyncReport()
    let connection = try connect(transport, &report)
    guard let team = try emergencyTeam() else {
      throw ReplicaError.notReady("the organisation has not named an emergency team")
    }
    let deposits = try emergencyDeposits()
    if identity.role == .client {
      let own = deposits.first { $0.client == identity.account && $0.phase == .ready }
      return [
        EmergencyDrill(
          client: identity.account, problem: try drill(own: own, connection))
      ]
    }
    let clients = Set(
      try caseworkSpaces().filter { $0.role == .staff && $0.teams == [team] }.flatMap(\.contacts))
    return try clients.sorted().map { client in
      let own = deposits.filter { $0.client == client && $0.team == team }
      return EmergencyDrill(client: client, problem: try drill(own))
    }
  }

  private func drill(own: EmergencyDeposit?, _ connection: Connection) throws -> String? {
    guard let own else { return "no deposit is ready" }
    do {
      _ = try own.secret.peel(own.box, share: emergencyShare(own, connection))
      return nil
    } catch is SealingError {
      return "the server's share does not fit the deposit"
    } catch ReplicaError.notReady(let why) {
      return why
    }
  }

  private func drill(_ deposits: [EmergencyDeposit]) throws -> String? {
    guard let ready = deposits.first(where: { $0.phase == .ready }) else {
      return deposits.contains { $0.phase == .open }
        ? "it is open now" : "there is no deposit that could be opened"
    }
    let name = KeyRing.Name.team(ready.team, generation: Int(ready.keyGeneration))
    guard try unlockedKeys().holds(name) else {
      return "this device does not hold the team's key that it is sealed to"
    }
    return nil
  }
}

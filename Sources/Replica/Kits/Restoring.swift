import Merge
import Sealing
import Signing
import SyncProtocol

/// An account comes back on an empty machine: the kit lets this device in, and is used up by it.
extension Replica {
  private static var restoreAttemptCountMax: Int { 4 }

  /// Whether a restore into this home was cut off, and has to be done once more with the same kit.
  public static func isRestoring(_ home: Home) throws -> Bool {
    try Settings(database: openDatabase(home)).number(.restoring) != nil
  }

  /// Makes this home a device of the account, on the word of its recovery kit. The kit is taken out of
  /// the account, with a new account key; all else comes with the next sync.
  ///
  /// Cut off at any moment, it can be done again into the same home.
  ///
  /// - Throws: ``ReplicaError/kitRefused(_:)`` where the kit lets nobody in. If nothing was sent yet,
  ///   the caller removes the home.
  public static func restore(
    home: Home, password: borrowing SecretBytes, kit: KitKeys, code: KitCode,
    transport: any Transport, environment: Environment
  ) throws -> Replica {
    let connection = Connection(transport)
    let holder = try KitHolder(kit, code, connection)
    try holder.openSession(.pull)
    var chain = try holder.chain()
    let (settings, keys) =
      try isRestoring(home)
      ? openRing(home, password, environment)
      : prepareRestore(home, password, holder, environment)
    let certificate = try certificate(settings, keys)
    if chain.devices[certificate.device] == nil {
      try holder.checkCounts(chain)
      try holder.openSession(.full)
      for attempt in 1...restoreAttemptCountMax {
        do {
          try letIn(certificate, by: holder, chain, settings, keys, environment)
          break
        } catch ReplicaError.server(.chainSuperseded) where attempt < restoreAttemptCountMax {
          chain = try holder.chain()
          try holder.checkCounts(chain)
        }
      }
    }
    let replica = try open(home, environment: environment)
    replica.keys = keys
    try replica.finishRestore(code, connection)
    return replica
  }

  /// Keys of a new device, with all that the kit says.
  private static func prepareRestore(
    _ home: Home, _ password: borrowing SecretBytes, _ holder: KitHolder,
    _ environment: Environment
  ) throws -> (Settings, KeyRing) {
    let (settings, keys) = try home.prepare(
      NewDevice(environment), password: password, environment: environment)
    let code = holder.code
    try settings.database.transaction {
      try settings.set(.account, code.account.bytes)
      try settings.set(.role, text: code.role.rawValue)
      try settings.set(.certificate, holder.certificate.encoded)
      try settings.set(.serverURL, text: code.url)
      if let organisation = code.organisation {
        try settings.set(.organisation, organisation.bytes)
      }
      try settings.set(.restoring, number: 0)
    }
    return (settings, keys)
  }

  private static func openRing(
    _ home: Home, _ password: borrowing SecretBytes, _ environment: Environment
  ) throws -> (Settings, KeyRing) {
    let database = try openDatabase(home)
    let settings = Settings(database: database)
    let passwordKey = try PasswordKey.derive(
      password: password, parameters: settings.passwordParameters())
    let keys = KeyRing(database: database, passwordKey: passwordKey, random: environment.random)
    guard try keys.isOpen() else { throw ReplicaError.wrongPassword }
    return (settings, keys)
  }

  private static func certificate(
    _ settings: Settings, _ keys: KeyRing
  ) throws -> DeviceCertificate {
    guard let exchange = try keys.exchange(.exchange) else {
      throw ReplicaError.homeDamaged("exchange key")
    }
    return DeviceCertificate(
      identity: try keys.identity().publicKey, exchange: exchange.publicKey,
      transport: try settings.transportKey().publicKey)
  }

  /// The kit's one statement: this device belongs to the account, and has its key.
  private static func letIn(
    _ certificate: DeviceCertificate, by holder: KitHolder, _ chain: AccountChain,
    _ settings: Settings, _ keys: KeyRing, _ environment: Environment
  ) throws {
    let account = holder.code.account
    guard let accountKey = try holder.accountKeys(chain).first else {
      throw ReplicaError.kitRefused(.keyMissing)
    }
    let wrap = try accountKey.withSecret {
      try SealedBox.seal($0, to: certificate.exchange, random: environment.random)
    }
    let proof = try keys.identity().sign(certificate.proofMessage(for: account), .deviceProof)
    let addition = DeviceAddition(
      device: certificate, proof: proof, accountKeyWrap: Hasher256.content(wrap))
    let statement = Statement(
      subject: .chain(.account(account)), index: chain.head.index + 1, previous: chain.head.hash,
      account: account, device: holder.device,
      timeMilliseconds: environment.nowMilliseconds(), body: .deviceAddition(addition))
    let request = ChainAppendRequest(
      chain: .account(account), statement: SignedStatement(statement, key: holder.keys.identity),
      wraps: [wrap])
    // From here on the server may know of this device.
    try settings.set(.restoring, number: 1)
    _ = try holder.connection.call(Path.chainAppend, request, SignedChainHead.self)
  }

  /// On the account's chain now: takes its keys, and the used kit out of it.
  private func finishRestore(_ code: KitCode, _ connection: Connection) throws {
    try connection.openSession(
      identity, scope: .full, key: try unlockedKeys().identity(), onTime: { _ in })
    try fetchChain(.account(identity.account), connection)
    try takeAccountKeys(connection)
    let generation = Int(try ownChain().keyGeneration)
    guard try unlockedKeys().holds(.account(generation: generation)) else {
      throw ReplicaError.notReady("the account key has not arrived")
    }
    try withdrawKits(connection)
    let chain = try ownChain()
    try transaction {
      if let name = code.name { try setOwnName(name) }
      if let own = chain.devices[identity.device] {
        try settings.set(.freshnessUnproven, number: own.addedAt)
      }
      try settings.set(.accountTold, number: chain.head.index)
      try audit(.recovery, device: identity.device)
      try settings.remove(.restoring)
    }
  }

  /// - Throws: ``ReplicaError/badInput(_:)`` where a restore was cut off.
  func requireRestored() throws {
    guard try settings.number(.restoring) == nil else {
      throw ReplicaError.badInput(
        "this device was not wholly restored: run `satchel recovery restore` again")
    }
  }
}

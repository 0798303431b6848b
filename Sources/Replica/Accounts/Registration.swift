import CBOR
import Merge
import Sealing
import Signing
import SyncProtocol

extension Replica {
  /// Makes a home with a new account, and registers it with an invitation.
  ///
  /// The keys are stored before anything is sent: a registration that is cut off is finished by the
  /// next sync. If the server says no, the caller removes the home.
  ///
  /// - Parameters:
  ///   - name: what the person wants to be called; sealed, shown to those who share a space.
  ///   - url: where the server is; kept for the commands.
  public static func register(
    home: Home, password: borrowing SecretBytes, invitation: Invitation, name: String?,
    url: String, transport: any Transport, environment: Environment
  ) throws -> Replica {
    if let name { try checkName(name) }
    guard environment.nowMilliseconds() < invitation.expiresMilliseconds else {
      throw ReplicaError.invitationExpired
    }
    let info = try Connection(transport).info(expecting: invitation.server)
    let device = NewDevice(environment)
    let accountKey = ExchangeKey(random: environment.random)
    let wrap = try accountKey.withSecret {
      try SealedBox.seal($0, to: device.exchange.publicKey, random: environment.random)
    }
    let creation = AccountCreation(
      accountKey: accountKey.publicKey, device: device.certificate,
      accountKeyWrap: Hasher256.content(wrap))
    let signed = SignedStatement(
      Statement(
        subject: .newChain, index: 0, previous: nil, account: nil,
        device: device.certificate.device, timeMilliseconds: environment.nowMilliseconds(),
        body: .accountCreation(creation)),
      key: device.identity)
    let account = AccountID(signed.hash)
    let request = AccountRequest(
      creation: signed, accountKeyWrap: wrap, invitation: invitation.lookup,
      role: invitation.role,
      acceptance: invitation.acceptance(account: account, head: signed.point))

    let (settings, keys) = try home.prepare(device, password: password, environment: environment)
    try settings.database.transaction {
      try settings.set(.account, account.bytes)
      try settings.set(.role, text: invitation.role.rawValue)
      try settings.set(.certificate, info.certificate.encoded)
      try settings.set(.serverURL, text: url)
      if let organisation = invitation.organisation {
        try settings.set(.organisation, organisation.bytes)
      }
      try settings.set(.registration, request.encoded)
      try keys.store(accountKey, as: .account(generation: 0))
      try settings.database.run(
        "INSERT INTO chain_statement VALUES (?, 0, ?)",
        .blob(ChainReference.account(account).encoded), .blob(signed.encoded))
    }
    let replica = try open(home, environment: environment)
    replica.keys = keys
    if let name { try replica.setOwnName(name) }
    let connection = Connection(transport)
    try replica.finishRegistration(connection)
    return replica
  }

  /// Sends a registration that has no answer yet. Repeating it is harmless.
  func finishRegistration(_ connection: Connection) throws {
    guard let request = try settings.object(.registration, AccountRequest.self) else { return }
    let head = try connection.call(Path.accounts, request, SignedChainHead.self)
    guard head.isSigned(by: identity.certificate.log), head.point == request.creation.point else {
      throw ReplicaError.dishonest("the server registered something else")
    }
    try chains.keep(head)
    try settings.remove(.registration)
  }
}

import Merge
import Sealing
import Signing
import SyncProtocol

/// The keys of a device that is being made, before they are in a key ring.
struct NewDevice {
  let identity: SigningKey
  let exchange: ExchangeKey
  let transport: SigningKey
  let home: UInt64

  init(_ environment: Environment) {
    identity = SigningKey(random: environment.random)
    exchange = ExchangeKey(random: environment.random)
    transport = SigningKey(random: environment.random)
    home = environment.random.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  var certificate: DeviceCertificate {
    DeviceCertificate(
      identity: identity.publicKey, exchange: exchange.publicKey, transport: transport.publicKey)
  }

  var replica: ReplicaID { ReplicaID(device: certificate.device, home: home) }
}

extension Home {
  /// Makes the database and the key ring of a new device, under a password.
  func prepare(
    _ device: NewDevice, password: borrowing SecretBytes, environment: Environment
  ) throws -> (settings: Settings, keys: KeyRing) {
    let database = try Replica.openDatabase(self)
    let settings = Settings(database: database)
    let parameters = PasswordKey.Parameters(random: environment.random)
    let passwordKey = try PasswordKey.derive(password: password, parameters: parameters)
    let keys = KeyRing(database: database, passwordKey: passwordKey, random: environment.random)
    try database.transaction {
      try settings.set(.passwordParameters, parameters.encoded)
      try settings.set(.replica, device.replica.bytes)
      try device.transport.withSeed { try settings.set(.transportSeed, [UInt8]($0)) }
      try keys.store(device.identity, as: .identity)
      try keys.store(device.exchange, as: .exchange)
      try keys.store(SymmetricKey(random: environment.random), as: .local)
    }
    return (settings, keys)
  }
}

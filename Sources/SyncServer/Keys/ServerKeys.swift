import CBOR
import Signing
import SyncProtocol

/// The server's private keys: one that invitations pin, and the ones it certifies.
///
/// They lie in a file of their own, apart from the database, readable by the operator only.
public final class ServerKeys: Sendable {
  let identity: SigningKey
  /// Signs log and chain heads, and the server's own journals.
  package let log: SigningKey
  /// Signs ledger checkpoints.
  let checkpoint: SigningKey
  let certificate: ServerCertificate

  private init(identity: SigningKey, log: SigningKey, checkpoint: SigningKey) {
    self.identity = identity
    self.log = log
    self.checkpoint = checkpoint
    certificate = ServerCertificate(
      identity: identity, log: log.publicKey, checkpoint: checkpoint.publicKey)
  }

  public convenience init(random: any RandomSource) {
    self.init(
      identity: SigningKey(random: random), log: SigningKey(random: random),
      checkpoint: SigningKey(random: random))
  }

  // MARK: The file

  /// The suite and the three seeds.
  var stored: [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 4)
    writer.unsigned(Domain.suite)
    for key in [identity, log, checkpoint] { key.withSeed { writer.bytes([UInt8]($0)) } }
    return writer.bytes
  }

  /// What ``stored`` gave.
  package convenience init(stored: [UInt8]) throws(ServerError) {
    do throws(WireError) {
      var reader = WireReader(stored)
      try reader.fields(4, "server keys")
      guard try reader.unsigned() == Domain.suite else { throw .unknownSuite }
      let identity = try Self.key(&reader)
      let log = try Self.key(&reader)
      let checkpoint = try Self.key(&reader)
      try reader.finish()
      self.init(identity: identity, log: log, checkpoint: checkpoint)
    } catch {
      throw .keysDamaged
    }
  }

  private static func key(_ reader: inout WireReader) throws(WireError) -> SigningKey {
    var seed = try reader.bytes(max: SigningKey.seedByteCount)
    guard let key = SigningKey(seed: SecretBytes(moving: &seed)) else { throw .unexpected("seed") }
    return key
  }
}

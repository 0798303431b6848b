import Merge
import Sealing
import Signing

extension Replica {
  /// A device of the account.
  public struct Device: Sendable {
    public let id: DeviceID
  }

  /// The account's devices, in the order in which they were certified.
  public func devices() throws -> [Device] {
    try ownChain().devicesInOrder.map { Device(id: $0.certificate.device) }
  }

  /// Where the server is.
  public func serverURL() throws -> String? { try settings.text(.serverURL) }

  public func setServerURL(_ url: String) throws { try settings.set(.serverURL, text: url) }

  /// The same for a home that is not part of an account yet.
  public static func serverURL(of home: Home) throws -> String? {
    try Settings(database: openDatabase(home)).text(.serverURL)
  }

  /// What an agent keeps.
  ///
  /// - Throws: ``ReplicaError/locked``.
  public func withPasswordKey<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try unlockedKeys().withPasswordKey(body)
  }

  /// The identity key of any device that a chain known here has ever certified.
  package func identityKey(of device: DeviceID) throws -> SigningPublicKey? {
    try chains.device(device)?.certificate.identity
  }
}

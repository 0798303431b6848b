import CBOR
import Merge
import Sealing
import Signing
import SyncProtocol

extension Replica {
  /// A device of the account.
  public struct Device: Sendable {
    public let id: DeviceID
    /// What its people call it; `nil` where it has no name, or while locked.
    public let name: String?
    /// When it was let in, as the device that did it says; milliseconds since 1970.
    public let sinceMilliseconds: UInt64
    /// When it was taken out, as the device that did it says; `nil` for a device of the account.
    public let revokedMilliseconds: UInt64?
    /// Whether it is a recovery kit: a device on paper.
    public let isKit: Bool
    /// Whether it may let a device in; a kit that another one stands before may not.
    public let counts: Bool
  }

  /// The account's devices and recovery kits, in the order in which they were certified, with those that
  /// were taken out.
  public func devices() throws -> [Device] {
    let names = try isLocked ? [:] : deviceNames()
    return try ownChain().devicesInOrder.map { device in
      Device(
        id: device.certificate.device, name: names[device.certificate.device],
        sinceMilliseconds: try statementTime(at: device.addedAt),
        revokedMilliseconds: try device.revokedAt.map { try statementTime(at: $0) },
        isKit: device.isKit, counts: device.counts)
    }
  }

  private func deviceNames() throws -> [DeviceID: String] {
    var names: [DeviceID: String] = [:]
    let all = try entries(.deviceName)
    let isLocal = { (entry: Entry) in entry.record == nil }
    // What is only here is newer than what the vault says; what both have, another device may have
    // changed since.
    let ordered =
      all.filter { isLocal($0) && !$0.isUnwritten } + all.filter { !isLocal($0) }
      + all.filter(\.isUnwritten)
    for entry in ordered {
      if let device = DeviceID(entry.subject) { names[device] = entry.value.text }
    }
    return names
  }

  /// Calls a device of the account something else. Sealed: only the account's devices read it.
  public func renameDevice(_ device: DeviceID, to name: String) throws {
    try Self.checkName(name)
    guard try ownChain().devices[device] != nil else { throw ReplicaError.notFound("such device") }
    try keepEntry(.deviceName, subject: device.bytes, .text(name))
  }

  /// When a statement of the own chain was made, as its author says; milliseconds since 1970.
  func statementTime(at index: UInt64) throws -> UInt64 {
    let own = ChainReference.account(identity.account)
    guard let signed = try chains.statement(own, at: index) else {
      throw ReplicaError.homeDamaged("own account chain")
    }
    return signed.statement.timeMilliseconds
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

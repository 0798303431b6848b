import Merge
import Sealing
import Signing

extension Replica {
  public var isLocked: Bool { keys == nil }

  /// Opens the key ring with the password.
  ///
  /// - Throws: ``ReplicaError/wrongPassword``.
  public func unlock(password: borrowing SecretBytes) throws {
    guard let encoded = try settings.bytes(.passwordParameters) else {
      throw ReplicaError.homeDamaged("password parameters")
    }
    let parameters = try PasswordKey.Parameters(encoded: encoded)
    try unlock(passwordKey: PasswordKey.derive(password: password, parameters: parameters))
  }

  /// Opens the key ring with a key that an agent kept.
  public func unlock(passwordKey: SymmetricKey) throws {
    let ring = KeyRing(
      database: database, passwordKey: passwordKey, random: environment.random)
    guard try ring.isOpen() else { throw ReplicaError.wrongPassword }
    keys = ring
  }

  /// Forgets every key, and what was opened with them. Nothing unsent is lost.
  public func lock() {
    keys = nil
    nameCache = [:]
  }
}

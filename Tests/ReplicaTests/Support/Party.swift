import Foundation
import Merge
import Sealing
import Signing
import SyncProtocol

@testable import Replica

/// One device of one person: its home, its clock, its line to the server.
final class Party {
  let name: String
  let homePath: String
  let clock: PartyClock
  let network: Network
  let environment: Environment
  /// What the password came to; derived once, because that is slow on purpose.
  var passwordKey: [UInt8] = []
  private var opened: Replica?

  static let password = "correct horse battery staple"

  init(_ name: String, homePath: String, clock: VirtualClock, seed: UInt64) {
    self.name = name
    self.homePath = homePath
    let own = PartyClock(clock)
    self.clock = own
    network = Network(clock)
    environment = Environment(nowMilliseconds: { own.now }, random: SeededRandom(seed: seed))
  }

  /// The open, unlocked replica.
  var replica: Replica {
    guard let opened else { preconditionFailure("\(name) is not open") }
    return opened
  }

  func withPassword<Result>(_ body: (borrowing SecretBytes) throws -> Result) rethrows -> Result {
    let password = SecretBytes(copying: Array(Self.password.utf8))
    return try body(password)
  }

  /// Takes a replica that was just made, and keeps its password key.
  func adopt(_ replica: Replica) throws {
    opened = replica
    passwordKey = try replica.withPasswordKey { Array($0) }
  }

  func open() throws {
    opened = try Replica.open(Home.open(at: homePath), environment: environment)
    try unlock()
  }

  func unlock() throws {
    let key = passwordKey.withUnsafeBytes { SymmetricKey(copying: $0) }
    guard let key else { preconditionFailure("a password key has 32 bytes") }
    try replica.unlock(passwordKey: key)
  }

  /// The process ends.
  func close() { opened = nil }

  func reopen() throws {
    close()
    try open()
  }

  @discardableResult
  func sync() throws -> SyncReport { try replica.sync(network) }

  var account: AccountID { replica.identity.account }
}

import Foundation
import Merge
import Replica
import Schemas
import Sealing
import Signing
import SyncProtocol

/// One device of one person: its home, its clock, its line to the server.
package final class Party {
  package let name: String
  package let homePath: String
  package let clock: PartyClock
  package let network: Network
  package let environment: Environment
  let random: SeededRandom
  /// What the password came to; derived once, because that is slow on purpose.
  package var passwordKey: [UInt8] = []
  /// The record types that its program knows.
  package var schema = BuiltInSchema.loaded
  /// Whether its home has to survive a loss of power.
  private let isDurable: Bool
  private var opened: Replica?
  /// Set while another process uses the home.
  var watched: Held?
  /// Told of each process that begins, for what a planted bug does to it.
  var onOpen: (Party) -> Void = { _ in }

  package static let password = "correct horse battery staple"

  package init(
    _ name: String, homePath: String, clock: VirtualClock, seed: UInt64, isDurable: Bool = false
  ) {
    self.name = name
    self.isDurable = isDurable
    self.homePath = homePath
    let own = PartyClock(clock)
    self.clock = own
    network = Network(clock)
    let random = SeededRandom(seed: seed)
    self.random = random
    environment = Environment(nowMilliseconds: { own.now }, random: random)
  }

  /// The open, unlocked replica.
  package var replica: Replica {
    guard let opened else { preconditionFailure("\(name) is not open") }
    return opened
  }

  package func withPassword<Result>(_ body: (borrowing SecretBytes) throws -> Result) rethrows
    -> Result
  {
    let password = SecretBytes(copying: Array(Self.password.utf8))
    return try body(password)
  }

  /// Takes a replica that was just made, and keeps its password key.
  package func adopt(_ replica: Replica) throws {
    opened = replica
    passwordKey = try replica.withPasswordKey { Array($0) }
  }

  package func open() throws {
    watched = nil
    opened = try SimulatedProcess.open(isDurable: isDurable) {
      try Replica.open(Home.open(at: homePath), environment: environment, schema: schema)
    }
    onOpen(self)
    try unlock()
  }

  /// Takes a replica that was opened in another way; locked.
  package func adopt(opened replica: Replica) { opened = replica }

  package func unlock() throws {
    let key = passwordKey.withUnsafeBytes { SymmetricKey(copying: $0) }
    guard let key else { preconditionFailure("a password key has 32 bytes") }
    try replica.unlock(passwordKey: key)
  }

  /// The process ends.
  package func close() { opened = nil }

  package func reopen() throws {
    close()
    try open()
  }

  @discardableResult
  package func sync() throws -> SyncReport { try replica.sync(network) }

  package var account: AccountID { held.identity.account }
  /// In the organisation.
  var role: Role { held.identity.role }

  package func newRecordID() -> RecordID { TimeOrderedID.make(RecordID.self, environment) }
}

import Foundation
import Merge
import Replica
import Schemas
import Signing
import SpaceStore
import SyncProtocol
import SyncServer

/// A server and the people of a practice, in one process, on virtual time and a virtual network: an
/// administrator, a practitioner, a client with two devices, and more where more are asked for.
package final class World {
  package let folder: TemporaryFolder
  package let clock: VirtualClock
  package let facts: Facts
  package let cast: Cast
  /// The record types that the server's program knows.
  package var serverSchema = BuiltInSchema.loaded
  private let seed: UInt64
  /// Whether everything has to survive a loss of power: what is measured.
  private let isDurable: Bool
  private var running: SyncServer?
  /// What reads the server's database from beside it, as long as that process lives.
  var observer: SpaceStore?
  /// What the observer's tables were made for.
  var observedTypeCount: Int64 = 0
  package private(set) var parties: [String: Party] = [:]

  /// What the founding came to.
  package struct Facts: Sendable {
    package var organisation: OrganisationID
    package var team: TeamID
    package var assignment: SpaceID
    package var engagement: SpaceID
    package var casework: SpaceID
    /// By the party's name.
    package var passwordKeys: [String: [UInt8]]
    package var nowMilliseconds: UInt64
  }

  /// A copy of the founded world: founding takes seconds, copying takes none.
  ///
  /// - Parameters:
  ///   - opening: the parties whose homes are opened and unlocked; all by default.
  ///   - path: the folder that it is made in, and written to as in production; by default in memory where
  ///     there is room, and else on a disk without waiting for it.
  package init(
    seed: UInt64 = 1, cast: Cast = .small, opening names: [String]? = nil, in path: String? = nil
  ) throws {
    let template = try Template.of(cast)
    self.cast = cast
    folder = try TemporaryFolder(in: path)
    isDurable = path != nil
    facts = template.facts
    self.seed = seed
    let clock = VirtualClock(milliseconds: facts.nowMilliseconds)
    self.clock = clock
    try folder.copy("\(template.path)/server", as: "server")
    let environment = Environment(
      nowMilliseconds: { clock.now }, random: SeededRandom(seed: seed &* 1000 &+ 999))
    running = try SimulatedProcess.open(isDurable: isDurable) {
      try SyncServer(
        directory: "\(folder.path)/server", environment: environment, options: Self.serverOptions)
    }
    for name in names ?? cast.names {
      try folder.copy("\(template.path)/\(name)", as: name)
      let party = makeParty(name)
      party.passwordKey = facts.passwordKeys[name] ?? []
      try party.open()
    }
  }

  /// A party without a home yet.
  package func makeParty(_ name: String) -> Party {
    let party = Party(
      name, homePath: "\(folder.path)/\(name)", clock: clock,
      seed: seed &* 1000 &+ UInt64(parties.count) &+ 100, isDurable: isDurable)
    party.network.server = server
    parties[name] = party
    return party
  }

  /// A second home with all that a party's holds; `nil` where there is one already.
  func copyHome(of party: Party) throws -> Party? {
    let name = "\(party.name) copy"
    guard parties[name] == nil, !party.name.hasSuffix(" copy") else { return nil }
    party.close()
    try folder.copy(party.homePath, as: name)
    try party.open()
    let copy = makeParty(name)
    copy.passwordKey = party.passwordKey
    copy.schema = party.schema
    copy.clock.offsetMilliseconds = party.clock.offsetMilliseconds
    try copy.open()
    return copy
  }

  package var admin: Party { self["admin"] }
  package var practitioner: Party { self["practitioner"] }
  package var client: Party { self["client"] }
  /// The client's second device.
  package var tablet: Party { self["tablet"] }

  package subscript(name: String) -> Party {
    guard let party = parties[name] else { preconditionFailure("there is no \(name)") }
    return party
  }

  package var serverDirectory: String { "\(folder.path)/server" }

  /// The server's process ends, however it stands, and another one begins.
  ///
  /// - Parameter between: what happens to the disk while no process runs.
  /// - Parameter options: of the new process.
  package func restartServer(
    _ options: SyncServer.Options = World.serverOptions, _ between: () throws -> Void = {}
  ) throws {
    for party in parties.values { party.network.server = nil }
    observer = nil
    try server.close()
    // The directory's lock goes with the last reference.
    running = nil
    try between()
    running = try SimulatedProcess.open(isDurable: isDurable) {
      try SyncServer(
        directory: serverDirectory, environment: serverEnvironment, options: options,
        schema: serverSchema)
    }
    for party in parties.values { party.network.server = server }
  }

  /// Years pass in a run: an operator who gives nobody up.
  package static var serverOptions: SyncServer.Options {
    var options = SyncServer.Options()
    options.settlingMilliseconds = .max
    return options
  }

  package var server: SyncServer {
    guard let running else { preconditionFailure("the server is down") }
    return running
  }

  private var restarts: UInt64 = 0
  var serverEnvironment: Environment {
    restarts += 1
    let clock = clock
    return Environment(
      nowMilliseconds: { clock.now },
      random: SeededRandom(seed: seed &* 1000 &+ 10_000 &+ restarts))
  }

  /// Everybody syncs, in the order of the names, until nobody has anything left to send or to take.
  package func settle(_ names: [String]? = nil) throws {
    let names = names ?? parties.keys.sorted()
    for _ in 0..<3 {
      for name in names { try self[name].sync() }
    }
  }
}

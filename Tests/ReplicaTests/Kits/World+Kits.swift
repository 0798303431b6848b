import Foundation
import Merge
import Sealing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// A recovery kit as it lies in a drawer.
struct PaperKit {
  let keys: KitKeys
  let code: KitCode
  let standing: KitStanding
}

extension Party {
  func makeKit() throws -> PaperKit {
    var written: (keys: KitKeys, code: KitCode)?
    let standing = try replica.makeKit(network) { kit in
      written = KitKeys(entropy: kit.entropy).map { ($0, kit.code) }
    }
    let paper = try #require(written)
    return PaperKit(keys: paper.keys, code: paper.code, standing: standing)
  }

  /// Puts a file into the vault.
  func addFile(_ name: String, _ text: String, in world: World) throws {
    let path = "\(world.folder.path)/\(name)"
    try Data(text.utf8).write(to: URL(filePath: path))
    let report = try replica.addToVault([path])
    #expect(report.problems.isEmpty)
  }

  func readFile(_ path: String) throws -> String {
    var bytes: [UInt8] = []
    try replica.readFromVault(path) { bytes += Array($0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The problem of a kit that was refused.
  static func problem(_ body: () throws -> Void) throws -> KitProblem? {
    do {
      try body()
      return nil
    } catch ReplicaError.kitRefused(let problem) {
      return problem
    }
  }
}

extension World {
  /// An empty machine becomes a device of the account again.
  @discardableResult
  func restore(_ kit: PaperKit, as name: String = "restored") throws -> Party {
    try restore(kit, into: makeParty(name))
  }

  /// The same once more, where it was cut off.
  @discardableResult
  func restore(_ kit: PaperKit, into party: Party) throws -> Party {
    let home =
      Home.exists(at: party.homePath)
      ? try Home.open(at: party.homePath) : try Home.create(at: party.homePath)
    let replica = try party.withPassword { password in
      try Replica.restore(
        home: home, password: password, kit: kit.keys, code: kit.code,
        transport: party.network, environment: party.environment)
    }
    try party.adopt(replica)
    return party
  }

  func drill(_ kit: PaperKit, _ party: Party) throws -> KitDrill {
    try Replica.drill(kit.keys, kit.code, transport: party.network)
  }
}

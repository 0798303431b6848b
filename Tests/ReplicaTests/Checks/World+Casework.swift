import Foundation
import Merge
import Simulation
import SyncProtocol

@testable import Replica

extension World {
  /// A practice with a conflict, a deleted ticket, decisions, a shared file, and something that the
  /// client has not sent.
  static func withCasework() throws -> (world: World, written: [Written]) {
    let world = try World()
    let (client, casework) = (world.client, world.facts.casework)
    let ticket = try client.makeTicket(in: casework)
    let gone = try client.makeTicket(in: casework)
    let other = try client.makeTicket(in: casework)
    try world.settle()
    var written = [
      try client.write(.update, "ticket", ticket, [.init("title", .text("one"))], in: casework),
      try world.practitioner.write(
        .update, "ticket", ticket, [.init("title", .text("two"))], in: casework),
      try world.practitioner.write(.delete, "ticket", gone, in: casework),
    ]
    let path = "\(world.folder.path)/letter.txt"
    try Data("Dear Ann".utf8).write(to: URL(filePath: path))
    _ = try client.replica.addToVault([path])
    _ = try client.replica.share(
      "letter.txt", with: world.practitioner.account, untilMilliseconds: nil, permissions: [])
    try world.settle()
    written.append(
      try client.write(.update, "ticket", other, [.init("title", .text("three"))], in: casework))
    _ = try client.makeComment(on: ticket, in: casework)
    return (world, written)
  }
}

import Foundation
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Homes that were restored from a backup, or copied and used twice.
@Suite struct CopiedHomeTests {
  private func copyHome(_ party: Party, to path: String) throws {
    party.close()
    try FileManager.default.copyItem(atPath: party.homePath, toPath: path)
    try party.open()
  }

  private func restoreHome(_ party: Party, from path: String) throws {
    party.close()
    try FileManager.default.removeItem(atPath: party.homePath)
    try FileManager.default.copyItem(atPath: path, toPath: party.homePath)
    try party.open()
  }

  /// What was written and sent after the backup comes back; what is written on top of it, too.
  @Test(arguments: [false, true])
  func aRestoredHomeGoesOn(writesBeforeItSyncs: Bool) throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, casework) = (world.client, world.facts.casework)
    var tickets = [try client.makeTicket(in: casework, title: "0")]
    try client.sync()
    let backup = client.homePath + ".backup"
    try copyHome(client, to: backup)
    for title in ["1", "2", "3"] {
      tickets.append(try client.makeTicket(in: casework, title: title))
    }
    try client.write(
      .update, "ticket", tickets[0], [.init("title", .text("since"))], in: casework)
    try client.sync()
    try restoreHome(client, from: backup)
    if !writesBeforeItSyncs { try client.sync() }
    tickets.append(try client.makeTicket(in: casework, title: "4"))
    try client.write(
      .update, "ticket", tickets[0], [.init("severity", .text("major"))], in: casework)
    try client.write(
      .update, "ticket", tickets[4], [.init("title", .text("5"))], in: casework)
    try client.sync()
    try world.settle()
    try world.expectConverged()
    let titles = try tickets.map {
      try world.tablet.shownText("ticket", $0, "title", in: casework)
    }
    #expect(titles == ["since", "1", "2", "3", "5"])
    let rejected = try client.rejectedRefusals()
    #expect(rejected == [])
  }

  @Test func aCopiedHomeLosesNothing() throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, casework) = (world.client, world.facts.casework)
    let twin = world.makeParty("twin")
    twin.passwordKey = client.passwordKey
    try copyHome(client, to: twin.homePath)
    try twin.open()
    var tickets: [RecordID] = []
    for number in 0..<3 {
      for party in [client, twin] {
        tickets.append(try party.makeTicket(in: casework, title: "a \(number)"))
        tickets.append(try party.makeTicket(in: casework, title: "b \(number)"))
      }
      try client.sync()
      try twin.sync()
    }
    try world.settle()
    try world.expectConverged()
    for ticket in tickets {
      let isShown = try world.tablet.isShown("ticket", ticket, in: casework)
      #expect(isShown)
    }
    for party in [client, twin] {
      let rejected = try party.rejectedRefusals()
      #expect(rejected == [])
      let kinds = try party.evidenceKinds()
      #expect(kinds == [])
    }
  }
}

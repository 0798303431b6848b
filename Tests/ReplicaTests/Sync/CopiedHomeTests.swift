import Foundation
import Merge
import Simulation
import SpaceStore
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

  /// What one copy wrote is not replaced by the other, which never saw it.
  @Test func twoCopiesOfOneFieldAreAConflict() throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, casework) = (world.client, world.facts.casework)
    let ticket = try client.makeTicket(in: casework, title: "as it was")
    try client.sync()
    let twin = world.makeParty("twin")
    twin.passwordKey = client.passwordKey
    try copyHome(client, to: twin.homePath)
    try twin.open()

    try client.write(.update, "ticket", ticket, [.init("title", .text("one"))], in: casework)
    try client.sync()
    try twin.write(.update, "ticket", ticket, [.init("severity", .text("major"))], in: casework)
    try twin.write(.update, "ticket", ticket, [.init("title", .text("other"))], in: casework)
    // The sync that meets the other copy sends, too.
    let report = try twin.sync()
    #expect(report.problems == [])
    #expect(report.acceptedCount == 2)

    try world.settle()
    try world.expectConverged()
    let number = try world.tablet.replica.store.number(of: casework)
    let state = try world.tablet.replica.store.tables.shownState(
      RowKey(space: number, type: "ticket", record: ticket))
    let titles = try #require(state.registers["title"]).siblings
    #expect(titles.count == 2)
    #expect(Set(titles.map(\.authorship.origin)).count == 2)
    let replicas = try [client, twin].map { party in
      try party.replica.journalReplica(space: party.replica.store.number(of: casework))
    }
    #expect(Set(replicas).count == 2)
    #expect(Set(replicas.map(\.device)).count == 1)
  }
}

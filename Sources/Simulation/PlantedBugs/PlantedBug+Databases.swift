import Database
import Foundation

/// Bugs in what databases hold.
extension PlantedBug {
  static let refusalLost = PlantedBug(
    "refusal-lost", "a refused write is not kept", foundBy: ["accounting"]
  ).with { bug in
    bug.plant = { world in
      try onDevices(
        of: world,
        """
        CREATE TRIGGER IF NOT EXISTS planted AFTER INSERT ON rejected BEGIN
          DELETE FROM rejected WHERE number = NEW.number;
        END
        """)
    }
  }

  static let sealedTextOpen = PlantedBug(
    "sealed-text-in-open-field", "what should be sealed is written into an open field",
    foundBy: ["canary"]
  ).with { $0.isCareless = true }

  static let outboxLost = PlantedBug(
    "outbox-lost-on-crash", "a device that crashes forgets what it had not sent",
    foundBy: ["accounting", "consent", "error"]
  ).with { bug in
    bug.afterCrash = { party in
      try party.replica.database.execute("DELETE FROM outbox; DELETE FROM outbox_row")
    }
  }

  static let rowLost = PlantedBug(
    "cursor-ahead-of-data", "a device that crashes has moved its cursor ahead of a row",
    foundBy: ["equality", "reference", "honesty"]
  ).with { bug in
    bug.afterCrash = { party in
      try party.replica.database.execute(
        "DELETE FROM ticket WHERE record = (SELECT record FROM ticket ORDER BY record LIMIT 1)")
    }
  }

  static let serverRolledBack = PlantedBug(
    "server-rolled-back", "a server that is started again has forgotten what was acknowledged",
    foundBy: ["equality", "honesty", "accounting", "liveness"]
  ).with { bug in
    bug.plant = { world in try world.folder.copy(world.serverDirectory, as: "old") }
    bug.betweenServers = { world in
      try FileManager.default.removeItem(atPath: world.serverDirectory)
      try world.folder.copy("\(world.folder.path)/old", as: "server")
    }
  }

  // MARK: Statements

  static func onDevices(of world: World, _ statement: String) throws {
    for name in world.parties.keys.sorted() {
      try world[name].replica.database.execute(statement)
    }
  }

  static func onServer(of world: World, _ statement: String) throws {
    try SQLiteDatabase(path: "\(world.serverDirectory)/server.db").execute(statement)
  }
}

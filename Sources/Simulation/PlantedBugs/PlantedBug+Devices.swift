import Database
import Foundation
import Merge
import Replica

/// Bugs in what devices do.
extension PlantedBug {
  static let refusalBlocksQueue = PlantedBug(
    "refusal-blocks-queue", "after a refusal nothing more of its space is sent",
    foundBy: ["liveness", "accounting"]
  ).with { bug in
    bug.plant = { world in
      // What is marked as accepted is not sent, and waits for the log to bring it back.
      try onDevices(
        of: world,
        """
        CREATE TRIGGER IF NOT EXISTS planted AFTER INSERT ON outbox
        WHEN EXISTS (SELECT 1 FROM rejected WHERE space = NEW.space) BEGIN
          UPDATE outbox SET accepted = 1 WHERE space = NEW.space AND sequence = NEW.sequence;
        END
        """)
    }
  }

  /// The log forgets under which numbers a restored home has written, as a server would that does not
  /// look.
  static let sequenceReused = PlantedBug(
    "sequence-reused-after-restore", "a restored home may use its numbers again",
    foundBy: ["journal", "honesty", "heads", "error", "accounting", "liveness"]
  ).with { bug in
    bug.afterRestore = { party, world in
      let server = try SQLiteDatabase(path: "\(world.serverDirectory)/server.db")
      for space in try party.replica.store.spaceIDs() {
        let number = try party.replica.store.number(of: space)
        let replica = try party.replica.journalReplica(space: number)
        let sequence = try party.replica.database.first(
          "SELECT sequence FROM own_journal WHERE space = ?", .integer(number)
        ) { $0.integer(0) }
        try server.run(
          """
          UPDATE log SET replica = NULL, sequence = NULL WHERE sequence > ?
            AND space = (SELECT number FROM space WHERE id = ?)
            AND replica = (SELECT number FROM replica WHERE id = ?)
          """,
          .integer(sequence ?? 0), .blob(space.bytes), .blob(replica.bytes))
      }
    }
  }

  static let randomnessRepeated = PlantedBug(
    "randomness-repeated", "a device draws the same random numbers again",
    foundBy: ["nonce", "error", "honesty", "accounting"]
  ).with { bug in
    bug.plant = { world in world.client.random.repeats = true }
  }

  static let purgeOnServersWord = PlantedBug(
    "purge-on-servers-word", "a device purges a space because the server says that it is over",
    foundBy: ["leaving"]
  ).with { bug in
    bug.afterStep = { party, world in
      guard party.name == "practitioner" else { return }
      try party.replica.database.execute(
        """
        INSERT OR IGNORE INTO left_space
        SELECT number, 'consent ended', 0, 1 FROM space WHERE kind = 'engagement' LIMIT 1
        """)
    }
  }

  static let oldShareServed = PlantedBug(
    "old-share-after-reconsent", "the wraps of shares outlive the consent that they rested on",
    foundBy: ["shares", "emergency", "erasure"]
  ).with { bug in
    bug.plant = { world in
      try onServer(
        of: world,
        """
        CREATE TRIGGER IF NOT EXISTS planted BEFORE DELETE ON wrap WHEN OLD.named = 1 BEGIN
          SELECT RAISE(IGNORE);
        END
        """)
    }
  }
}

import Database
import Replica

/// Bugs in how keys are replaced.
extension PlantedBug {
  /// The log of the space is there: it was not left.
  static let epochRaceKeepsBoth = PlantedBug(
    "epoch-race-keeps-both", "of two epochs that are made at once, the loser's key is kept",
    foundBy: ["keys"]
  ).with { bug in
    bug.plant = { world in
      try onDevices(
        of: world,
        """
        CREATE TRIGGER IF NOT EXISTS planted BEFORE DELETE ON key_ring
        WHEN substr(OLD.name, 1, 6) = 'epoch/' AND EXISTS (SELECT 1 FROM log
          JOIN space ON space.number = log.space
          WHERE lower(hex(space.id)) = substr(OLD.name, 7, 32)) BEGIN
          SELECT RAISE(IGNORE);
        END
        """)
    }
  }
}

import Merge
import Replica

/// Bugs in what becomes of concurrent values.
extension PlantedBug {
  static let dropSibling = PlantedBug(
    "drop-sibling", "of concurrent values the later ones are dropped",
    foundBy: ["reference", "honesty", "consent"]
  ).with { bug in
    bug.plant = {
      try onSiblings(
        of: $0,
        """
        DELETE FROM _sibling WHERE space = NEW.space AND type = NEW.type
          AND record = NEW.record AND key = NEW.key AND position = NEW.position
          AND EXISTS (SELECT 1 FROM _sibling AS other WHERE other.space = NEW.space
            AND other.type = NEW.type AND other.record = NEW.record AND other.key = NEW.key
            AND other.position < NEW.position)
        """)
    }
  }

  static let lastArrivalWins = PlantedBug(
    "last-arrival-wins", "of concurrent values the one that arrives last replaces the others",
    foundBy: ["reference", "equality"]
  ).with { bug in
    bug.plant = {
      try onSiblings(
        of: $0,
        """
        DELETE FROM _sibling WHERE space = NEW.space AND type = NEW.type
          AND record = NEW.record AND key = NEW.key AND position < NEW.position
        """)
    }
  }

  static let revokeLoses = PlantedBug(
    "revoke-loses-to-grant", "a revocation gives way to a concurrent approval",
    foundBy: ["consent", "reference"]
  ).with { bug in
    let words = { (words: [String], value: String) in
      words.map { "instr(\(value), CAST('\($0)' AS BLOB)) > 0" }.joined(separator: " OR ")
    }
    let isGrant = words(["approved", "accepted"], "granted.value")
    let isRevocation = words(["revoked", "withdrawn", "declined"], "_sibling.value")
    bug.plant = {
      try onSiblings(
        of: $0,
        """
        DELETE FROM _sibling WHERE space = NEW.space AND type = 'assignment'
          AND record = NEW.record AND key = NEW.key AND (\(isRevocation))
          AND EXISTS (SELECT 1 FROM _sibling AS granted WHERE granted.space = NEW.space
            AND granted.type = 'assignment' AND granted.record = NEW.record
            AND granted.key = NEW.key AND (\(isGrant)))
        """)
    }
  }

  static let reissueWithCurrentContext = PlantedBug(
    "reissue-with-current-context",
    "what is written anew says that its author had seen all that is known by now",
    foundBy: ["context"]
  ).with { bug in
    bug.onOpen = { party in
      party.replica.contextOfReissue = { _, state in
        Context(incarnation: state.incarnation, position: state.position)
      }
    }
  }

  private static func onSiblings(of world: World, _ statement: String) throws {
    let trigger = """
      CREATE TRIGGER IF NOT EXISTS planted AFTER INSERT ON _sibling BEGIN
        \(statement);
      END
      """
    try onDevices(of: world, trigger)
    try onServer(of: world, trigger)
  }
}

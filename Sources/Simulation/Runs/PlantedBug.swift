import Database
import Foundation

/// A bug that can be put in on purpose, so that tests prove that the checkers would find it.
///
/// None is in the code that ships: each is done to a database or an answer from outside.
package enum PlantedBug: String, CaseIterable, Sendable {
  /// Of concurrent values only the one shown is kept, on every device and the server.
  case dropSibling = "drop-sibling"
  /// A device that crashes forgets what it had not sent.
  case outboxLost = "outbox-lost-on-crash"
  /// A device that crashes has moved its cursor ahead of a row.
  case rowLost = "row-lost-on-crash"
  /// A refused write is not kept.
  case refusalLost = "refusal-lost"
  /// What should be sealed is written into an open field.
  case sealedTextOpen = "sealed-text-in-open-field"
  /// One device never hears what became of what it sent.
  case pushUnanswered = "push-unanswered"
  /// The server leaves out the last entry of a page now and then.
  case entryDropped = "entry-dropped"
  /// A server that is started again has forgotten all since the beginning.
  case serverRolledBack = "server-rolled-back"

  /// The server compacts what not everybody has seen overwritten.
  case compactedEarly = "compaction-before-acknowledgement"

  package var explanation: String {
    switch self {
    case .dropSibling: "of concurrent values only the one shown is kept"
    case .outboxLost: "a device that crashes forgets what it had not sent"
    case .rowLost: "a device that crashes has moved its cursor ahead of a row"
    case .refusalLost: "a refused write is not kept"
    case .sealedTextOpen: "what should be sealed is written into an open field"
    case .pushUnanswered: "one device never hears what became of what it sent"
    case .serverRolledBack: "a server that is started again has forgotten what was acknowledged"
    case .compactedEarly: "the server compacts what not everybody has seen overwritten"
    case .entryDropped: "the server leaves out the last entry of a page"
    }
  }

  // MARK: In databases

  private var trigger: String? {
    switch self {
    case .dropSibling:
      """
      CREATE TRIGGER IF NOT EXISTS planted AFTER INSERT ON _sibling BEGIN
        DELETE FROM _sibling WHERE space = NEW.space AND type = NEW.type
          AND record = NEW.record AND key = NEW.key AND position = NEW.position;
      END
      """
    case .refusalLost:
      """
      CREATE TRIGGER IF NOT EXISTS planted AFTER INSERT ON rejected BEGIN
        DELETE FROM rejected WHERE number = NEW.number;
      END
      """
    default: nil
    }
  }

  func plant(in world: World) throws {
    if self == .compactedEarly { try world.skipAcknowledgements() }
    if self == .serverRolledBack { try world.folder.copy(world.serverDirectory, as: "old") }
    if let trigger {
      for name in world.parties.keys.sorted() {
        try world[name].replica.database.execute(trigger)
      }
      if self == .dropSibling {
        try SQLiteDatabase(path: "\(world.serverDirectory)/server.db").execute(trigger)
      }
    }
  }

  /// While no server runs.
  func betweenServers(in world: World) throws {
    guard self == .serverRolledBack else { return }
    try FileManager.default.removeItem(atPath: world.serverDirectory)
    try world.folder.copy("\(world.folder.path)/old", as: "server")
  }

  /// After a device's process ended in the middle of something, and another began.
  func afterCrash(of party: Party) throws {
    let database = party.replica.database
    switch self {
    case .outboxLost:
      try database.execute("DELETE FROM outbox; DELETE FROM outbox_row")
    case .rowLost:
      try database.execute(
        "DELETE FROM ticket WHERE record = (SELECT record FROM ticket ORDER BY record LIMIT 1)")
    default: return
    }
  }
}

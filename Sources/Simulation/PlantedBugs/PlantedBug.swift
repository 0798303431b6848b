import Database
import Replica
import SyncProtocol

/// A bug that can be put in on purpose, so that tests prove that the checkers would find it.
///
/// None is in the code that ships: each is done to a database or an answer from outside. A new one is a
/// value in a file of its own, and a line in ``all``.
package struct PlantedBug: Sendable {
  package let name: String
  package let explanation: String
  /// The checkers that see it; any of them may be the first.
  package let checkers: Set<String>

  // MARK: What it does

  /// Before the first step.
  var plant: @Sendable (World) throws -> Void = { _ in }
  /// Each time a device's process begins.
  var onOpen: @Sendable (Party) -> Void = { _ in }
  /// What becomes of a request before it reaches the server.
  var onRequest: @Sendable (Request, Party) -> Request = { request, _ in request }
  /// What becomes of an answer on its way; `nil`: it never arrives.
  var onAnswer: @Sendable (Request, Response, Party) -> Response? = { _, response, _ in response }
  /// While no server runs.
  var betweenServers: @Sendable (World) throws -> Void = { _ in }
  /// After a device's process ended in the middle of something, and another began.
  var afterCrash: @Sendable (Party) throws -> Void = { _ in }
  /// After a home was put back as it once was, and opened.
  var afterRestore: @Sendable (Party, World) throws -> Void = { _, _ in }
  /// After each thing that a party does or suffers.
  var afterStep: @Sendable (Party, World) throws -> Void = { _, _ in }
  /// How the server is set back at some step, in every run; `nil`: not at all.
  var serverRestore: ServerRestore?
  /// Whether people put what should be sealed into open fields.
  var isCareless = false

  init(_ name: String, _ explanation: String, foundBy checkers: Set<String>) {
    self.name = name
    self.explanation = explanation
    self.checkers = checkers
  }

  package static let all: [PlantedBug] = [
    .dropSibling, .lastArrivalWins, .revokeLoses, .reissueWithCurrentContext,
    .outboxLost, .rowLost, .sequenceReused, .randomnessRepeated,
    .refusalLost, .refusalBlocksQueue, .sealedTextOpen, .purgeOnServersWord, .oldShareServed,
    .epochRaceKeepsBoth,
    .pushUnanswered, .entryDropped, .serverRolledBack, .restoredUnnoticed,
    .compactedEarly,
  ]

  package static func named(_ name: String) -> PlantedBug? { all.first { $0.name == name } }

  /// The same bug with one of its doings.
  func with(_ change: (inout PlantedBug) -> Void) -> PlantedBug {
    var bug = self
    change(&bug)
    return bug
  }

  func plant(in world: World) throws {
    try plant(world)
    for name in world.parties.keys.sorted() { plant(on: world[name]) }
  }

  /// On a device that may have come later.
  func plant(on party: Party) {
    party.network.plantedRequest = { [unowned party] in onRequest($0, party) }
    party.network.planted = { [unowned party] in onAnswer($0, $1, party) }
    party.onOpen = onOpen
    onOpen(party)
  }
}

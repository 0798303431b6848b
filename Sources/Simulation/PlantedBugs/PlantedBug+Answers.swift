import Replica
import SyncProtocol

/// Bugs in what arrives.
extension PlantedBug {
  static let pushUnanswered = PlantedBug(
    "push-unanswered", "one device never hears what became of what it sent",
    foundBy: ["liveness"]
  ).with { bug in
    bug.onAnswer = { request, response, party in
      party.name == "tablet" && request.path == Path.push ? nil : response
    }
  }

  static let entryDropped = PlantedBug(
    "entry-dropped", "the server leaves out the last entry of a page", foundBy: ["honesty"]
  ).with { bug in bug.onAnswer = { request, response, _ in droppingLast(request, response) } }

  private static func droppingLast(_ request: Request, _ response: Response) -> Response {
    guard request.path == Path.pull, case .success(let bytes) = response else { return response }
    do {
      let page = try LogPage(decoding: bytes)
      guard page.entries.count > 3 else { return response }
      return .success(
        LogPage(
          after: page.after, entries: page.entries.dropLast(), tails: page.tails, head: page.head,
          last: page.last
        ).encoded)
    } catch {
      preconditionFailure("an honest page can be read: \(error)")
    }
  }
}

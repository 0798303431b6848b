import Replica
import SyncProtocol

extension PlantedBug {
  /// Puts in what is done to answers on their way.
  func plant(on network: Network, of party: Party) {
    switch self {
    case .pushUnanswered where party.name == "tablet":
      network.planted = { request, response in request.path == Path.push ? nil : response }
    case .entryDropped:
      network.planted = { Self.droppingLast($0, $1) }
    default: return
    }
  }

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

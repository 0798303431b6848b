import Merge
import SyncProtocol

/// What waits for the person at this device. Works while locked: it says how much, not what.
extension Replica {
  /// Requests that this account's client has not answered, sorted.
  func requestsToAnswer() throws -> [RecordID] {
    let rows = try database.rows(
      "SELECT space, record FROM access_request WHERE state_state = 'requested' ORDER BY record"
    ) { (try spaceID($0.integer(0)), try Self.recordID($0.blob(1))) }
    return try rows.compactMap { space, record in
      guard let space, try !hasLeft(space) else { return nil }
      let state = try store.state(space)
      return state.ended == nil && state.role(of: identity.account) == .client ? record : nil
    }
  }

  /// Assignments that this account has neither agreed to nor refused, oldest first. Where the other side
  /// has said no there is nothing left to decide.
  func decisionsToMake() throws -> [Assignment] {
    try assignments().filter { assignment in
      let isOwn =
        assignment.client == identity.account
        ? assignment.clientDecision == nil
        : assignment.practitioner == identity.account && !assignment.isFamily
          && assignment.practitionerDecision == nil
      return try isOwn && assignment.state.status == .pending && !hasLeft(assignment.space)
    }
  }

  /// What the sides of each assignment have said, to tell what is new.
  func saidToAssignments() throws -> [SpaceID: [String?]] {
    let all = try assignments().map {
      ($0.space, [$0.clientDecision, $0.practitionerDecision])
    }
    return Dictionary(all, uniquingKeysWith: { first, _ in first })
  }

  /// What a person wants to know of assignments after a sync: new ones, and what the other side said.
  ///
  /// - Parameter before: of ``saidToAssignments()``.
  func assignmentNews(since before: [SpaceID: [String?]]) throws -> [String] {
    let waiting = Set(try decisionsToMake().map(\.space))
    return try assignments().compactMap { assignment in
      let isClient = assignment.client == identity.account
      guard isClient || assignment.practitioner == identity.account else { return nil }
      let name = markedName(isClient ? assignment.practitioner : assignment.client)
      let known = before[assignment.space]
      if known == nil, waiting.contains(assignment.space) {
        return isClient
          ? "\(name) is proposed to you: say yes or no with satchel consent approve or decline"
          : "you are proposed to \(name): say yes or no with satchel consent accept or decline"
      }
      let said = isClient ? assignment.practitionerDecision : assignment.clientDecision
      guard let said, let known, known[isClient ? 1 : 0] != said else { return nil }
      return "\(name) has \(said) the assignment"
    }
  }

  /// Says that devices wait to be let in with a token of this device.
  func tellWhoAsksToJoin(_ connection: Connection, _ report: inout SyncReport) throws {
    guard try !openHandedOut(kind: .enrolment).isEmpty else { return }
    let count = try askingDevices(connection).count
    if count == 0 { return }
    report.news.append(
      (count == 1 ? "a device asks" : "\(count) devices ask")
        + " to join your account: satchel device approve")
  }
}

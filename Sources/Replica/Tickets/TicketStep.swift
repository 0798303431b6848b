import CBOR
import Merge

/// A step in a ticket's workflow, as a person names it.
public enum TicketStep: String, CaseIterable, Sendable {
  case start
  case ask
  case resolve
  case close
  case reopen

  /// The state that it leads to.
  public var state: String {
    switch self {
    case .start: "in_progress"
    case .ask: "waiting_for_client"
    case .resolve: "resolved"
    case .close: "closed"
    case .reopen: "reopened"
    }
  }
}

extension Replica {
  /// The steps that this account may take from what is shown now.
  public func steps(from ticket: RecordReference) throws -> [TicketStep] {
    let place = try place(ticket)
    let allowed = try allowedStates(try store.tables.shownState(place.row), place)
    return TicketStep.allCases.filter { allowed.contains($0.state) }
  }

  private func allowedStates(_ state: RecordState, _ place: RecordPlace) throws -> [String] {
    guard let field = place.type.field("status"),
      let workflow = field.workflow.flatMap({ place.type.workflow($0) }),
      let role = try store.state(place.space).role(of: identity.account)
    else { return [] }
    let winner = field.winner(of: state.registers["status"] ?? Register(), in: place.type)
    return workflow.allowed(from: winner.flatMap { field.orderedWord(of: $0.value) }, role: role)
  }

  /// Takes a step. It is decided on all standing values of the status, and says so.
  ///
  /// - Returns: `false` where the ticket was in that state, undisputed: nothing was written.
  /// - Throws: ``ReplicaError/refused(_:)`` with the allowed states.
  public func take(
    _ step: TicketStep, on ticket: RecordReference, reason: String? = nil
  ) throws -> Bool {
    let place = try place(ticket)
    let state = try store.tables.shownState(place.row)
    let register = state.registers["status"] ?? Register()
    guard place.type.understands(register, key: "status") else { throw ReplicaError.schemaOlder }
    let siblings = register.siblings
    if siblings.count == 1, siblings[0].value.map?["state"] == .text(step.state) { return false }
    let allowed = try allowedStates(state, place)
    guard allowed.contains(step.state) else {
      throw ReplicaError.refused(Refusal(.transitionNotAllowed, allowed))
    }
    let value = try place.type.checked("status", try statusValue(step.state, reason: reason))
    try write(
      Draft([
        Draft.Change(
          .update, place.type.name, place.record,
          [Draft.Write("status", value, shown: siblings.map(\.authorship.origin))])
      ]), in: place.space)
    return true
  }

  func statusValue(_ state: String, reason: String?) throws -> CBORValue {
    var entries: [(key: CBORValue, value: CBORValue)] = [
      (.text("state"), .text(state)), (.text("at"), .integer(Int64(try nowMilliseconds))),
    ]
    if let reason { entries.append((.text("reason"), .text(reason))) }
    return .map(CBORMap(entries))
  }
}

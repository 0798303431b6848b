import CBOR
import Merge
import SyncProtocol

extension Replica {
  /// Opens a ticket. Works offline; the server gives it a number when it gets there.
  ///
  /// - Throws: ``ReplicaError/badInput(_:)``, ``ReplicaError/notReady(_:)``,
  ///   ``ReplicaError/refused(_:)``, ``ReplicaError/locked``.
  public func newTicket(_ draft: TicketDraft, in space: SpaceID) throws -> Ticket {
    let reference = RecordReference(
      space: space, type: Self.ticketType, record: TimeOrderedID.make(RecordID.self, environment))
    let place = try place(reference)
    let status = Draft.Write("status", try statusValue("open", reason: nil))
    let writes = try draft.writes(place.type) + [status]
    try write(
      Draft([Draft.Change(.create, Self.ticketType, reference.record, writes)]), in: space)
    return try ticket(reference)
  }

  /// Changes fields of a ticket in one commit.
  ///
  /// What a field's only standing value says already is not written.
  ///
  /// - Returns: the keys that were written; none where nothing was different.
  @discardableResult
  public func editTicket(
    _ reference: RecordReference, _ edit: TicketEdit
  ) throws -> [String] {
    let place = try place(reference)
    return try update(place, edit.writes(place.type))
  }

  /// Writes those of the values that say something new.
  ///
  /// - Returns: their keys.
  func update(_ place: RecordPlace, _ writes: [Draft.Write]) throws -> [String] {
    let state = try store.tables.shownState(place.row)
    let needed = try writes.filter { try !isUnchanged($0, of: state, at: place) }
    guard !needed.isEmpty else { return [] }
    try write(
      Draft([Draft.Change(.update, place.type.name, place.record, needed)]), in: place.space)
    return needed.map(\.key)
  }

  /// Says something about a ticket to everybody in the casework.
  @discardableResult
  public func comment(
    on ticket: RecordReference, _ text: String, inReplyTo: RecordID? = nil
  ) throws -> RecordID {
    var writes = [Draft.Write("ticket", .bytes(ticket.record.bytes))]
    if let inReplyTo { writes.append(Draft.Write("in_reply_to", .bytes(inReplyTo.bytes))) }
    return try addChild("comment", text: text, writes, in: ticket.space)
  }

  /// Notes how long staff worked on a ticket.
  ///
  /// - Parameter timeMilliseconds: when; `nil` for now.
  @discardableResult
  public func addWork(
    on ticket: RecordReference, minutes: Int64, text: String? = nil,
    timeMilliseconds: Int64? = nil
  ) throws -> RecordID {
    guard (1...Self.workMinutesMax).contains(minutes) else {
      throw ReplicaError.badInput("work takes from 1 to \(Self.workMinutesMax) minutes")
    }
    let time = try timeMilliseconds ?? Int64(nowMilliseconds)
    let writes = [
      Draft.Write("ticket", .bytes(ticket.record.bytes)),
      Draft.Write("minutes", .integer(minutes)), Draft.Write("at", .integer(time)),
    ]
    return try addChild("worklog", text: text, writes, in: ticket.space)
  }

  /// A week: more at once is a mistake.
  static let workMinutesMax: Int64 = 7 * 24 * 60

  /// Says something about a ticket that only the team reads.
  ///
  /// - Throws: ``ReplicaError/notReady(_:)`` where the team's space or its key is not here.
  @discardableResult
  public func note(on ticket: RecordReference, _ text: String) throws -> RecordID {
    let state = try store.state(ticket.space)
    guard state.role(of: identity.account) == .staff else {
      throw ReplicaError.refused(Refusal(.notAllowed, ["internal_note", "create"]))
    }
    for team in state.teams {
      let space = SpaceID.team(team)
      guard try store.knows(space) else { continue }
      let teamState = try store.state(space)
      guard teamState.kind == .team, try holdsEpoch(of: teamState) else { continue }
      return try addChild(
        "internal_note", text: text,
        [Draft.Write("ticket", .bytes(ticket.record.bytes))], in: space)
    }
    throw ReplicaError.notReady("the team's space or its key is not here yet")
  }

  private func addChild(
    _ type: String, text: String?, _ writes: [Draft.Write], in space: SpaceID
  ) throws -> RecordID {
    var writes = writes
    if let text {
      guard !text.isEmpty else { throw ReplicaError.badInput("the text is empty") }
      let checked = try store.schema.type(type)?.checked("text", .text(text))
      writes.append(Draft.Write("text", checked ?? .text(text)))
    }
    let record = TimeOrderedID.make(RecordID.self, environment)
    try write(Draft([Draft.Change(.create, type, record, writes)]), in: space)
    return record
  }
}

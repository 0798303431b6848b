import CBOR
import Database
import Merge
import SpaceStore

extension Replica {
  /// All tickets of all casework spaces, oldest first.
  ///
  /// - Parameters:
  ///   - closed: whether closed ones are in.
  ///   - with: only those of this casework space.
  public func tickets(closed: Bool = false, in space: SpaceID? = nil) throws -> [Ticket] {
    var found: [Ticket] = []
    for casework in try caseworkSpaces() where space == nil || space == casework.id {
      for record in try records(of: Self.ticketType, in: casework.id) {
        let reference = RecordReference(
          space: casework.id, type: Self.ticketType, record: record)
        guard let ticket = try ticketIfThere(reference), closed || !ticket.isClosed else {
          continue
        }
        found.append(ticket)
      }
    }
    return found.sorted {
      ($0.createdMilliseconds, $0.id) < ($1.createdMilliseconds, $1.id)
    }
  }

  /// - Throws: ``ReplicaError/notFound(_:)`` for a deleted one.
  public func ticket(_ reference: RecordReference) throws -> Ticket {
    guard let ticket = try ticketIfThere(reference) else {
      throw ReplicaError.notFound(reference.record.hex)
    }
    return ticket
  }

  public func ticketDetails(_ reference: RecordReference) throws -> TicketDetails {
    TicketDetails(
      ticket: try ticket(reference), comments: try comments(on: reference),
      work: try work(on: reference), notes: try notes(on: reference),
      steps: try steps(from: reference))
  }

  private func records(of type: String, in space: SpaceID) throws -> [RecordID] {
    try database.rows(
      "SELECT record FROM \"\(type)\" WHERE space = ? ORDER BY record",
      .integer(try store.number(of: space)), map: Self.recordID)
  }

  private static func recordID(_ row: any SQLStatement) throws -> RecordID {
    guard let record = RecordID(row.blob(0)) else { throw ReplicaError.homeDamaged("record") }
    return record
  }

  private func ticketIfThere(_ reference: RecordReference) throws -> Ticket? {
    let place = try place(reference)
    let state = try store.tables.shownState(place.row)
    guard let created = state.created, !state.isGone(place.type.concurrentDelete) else {
      return nil
    }
    let author = try store.log.authorship(space: place.number, at: created)
    let siblings = state.registers.values.flatMap(\.siblings)
    func word(_ key: String) throws -> String? { try shown(key, of: state, at: place).text }
    return Ticket(
      reference: reference, number: try shown("number", of: state, at: place).integer,
      kind: try word("kind") ?? "", title: try shown("title", of: state, at: place),
      description: try shown("description", of: state, at: place),
      environment: try shown("environment", of: state, at: place),
      severity: try word("severity"), priority: try word("priority"),
      status: Ticket.Status(try shown("status", of: state, at: place)),
      assignee: try shown("assignee", of: state, at: place).account,
      labels: labels(of: state, place.type), conflicts: conflictingKeys(of: state, place.type),
      creator: try self.author(author.origin.replica.device, in: store.state(place.space)),
      createdMilliseconds: author.time.milliseconds,
      changedMilliseconds: siblings.map(\.authorship.time.milliseconds).max() ?? 0,
      isPending: siblings.contains { $0.position.pendingSequence != nil })
  }

  private func labels(of state: RecordState, _ type: RecordType) -> [String] {
    guard let field = type.field("labels") else { return [] }
    let prefix = "labels/"
    return state.registers.filter { $0.key.hasPrefix(prefix) }
      .filter { field.winner(of: $0.value, in: type)?.value == .bool(true) }
      .map { String($0.key.dropFirst(prefix.count)) }
      .sorted()
  }

  // MARK: What belongs to a ticket

  /// A child record with all that its row needs, in the order of the authors' clocks.
  private struct Child {
    let place: RecordPlace
    let state: RecordState
    let author: Author
    let authorship: Authorship
    let isPending: Bool

    var timeMilliseconds: UInt64 { authorship.time.milliseconds }
  }

  private func children(
    of type: String, in space: SpaceID, ticket: RecordID
  ) throws -> [Child] {
    let number = try store.number(of: space)
    let records = try database.rows(
      "SELECT record FROM \"\(type)\" WHERE space = ? AND ticket = ? ORDER BY record",
      .integer(number), .blob(ticket.bytes), map: Self.recordID)
    return try records.compactMap { record in
      let place = try place(RecordReference(space: space, type: type, record: record))
      let state = try store.tables.shownState(place.row)
      guard let created = state.created else { return nil }
      let authorship = try store.log.authorship(space: number, at: created)
      let siblings = state.registers.values.flatMap(\.siblings)
      return Child(
        place: place, state: state,
        author: try author(authorship.origin.replica.device, in: store.state(space)),
        authorship: authorship,
        isPending: siblings.contains { $0.position.pendingSequence != nil })
    }.sorted {
      ($0.authorship.time, $0.authorship.origin) < ($1.authorship.time, $1.authorship.origin)
    }
  }

  private func comments(on ticket: RecordReference) throws -> [TicketComment] {
    try children(of: "comment", in: ticket.space, ticket: ticket.record).map { child in
      TicketComment(
        id: child.place.record, author: child.author, timeMilliseconds: child.timeMilliseconds,
        text: try shown("text", of: child.state, at: child.place),
        inReplyTo: try shown("in_reply_to", of: child.state, at: child.place).record,
        isPending: child.isPending)
    }
  }

  private func work(on ticket: RecordReference) throws -> [TicketWork] {
    try children(of: "worklog", in: ticket.space, ticket: ticket.record).map { child in
      TicketWork(
        id: child.place.record, author: child.author,
        minutes: try shown("minutes", of: child.state, at: child.place).integer ?? 0,
        timeMilliseconds: try shown("at", of: child.state, at: child.place).integer ?? 0,
        text: try shown("text", of: child.state, at: child.place), isPending: child.isPending)
    }
  }

  private func notes(on ticket: RecordReference) throws -> [TicketNote] {
    var found: [TicketNote] = []
    for team in try store.state(ticket.space).teams where try store.knows(.team(team)) {
      let children = try children(
        of: "internal_note", in: .team(team), ticket: ticket.record)
      for child in children {
        found.append(
          TicketNote(
            id: child.place.record, author: child.author,
            timeMilliseconds: child.timeMilliseconds,
            text: try shown("text", of: child.state, at: child.place),
            isPending: child.isPending))
      }
    }
    return found
  }
}

extension Ticket.Status {
  fileprivate init?(_ value: OpenedValue) {
    guard case .group(let components) = value,
      let state = components.first(where: { $0.name == "state" })?.value.text
    else { return nil }
    self.state = state
    reason = components.first { $0.name == "reason" }?.value.text
    timeMilliseconds = components.first { $0.name == "at" }?.value.integer
  }
}

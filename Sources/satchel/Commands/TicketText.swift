import Merge
import Replica
import Terminal

/// Tickets as people and machines read them.
struct TicketText {
  private let replica: Replica
  private let values: ValueText

  init(_ replica: Replica) {
    self.replica = replica
    values = ValueText(replica: replica)
  }

  // MARK: For people

  func table(_ tickets: [Ticket]) -> Table {
    Table(
      columns: [
        "ID", "STATUS", "SEVERITY", "PRIORITY", "ASSIGNEE", "CHANGED", "TITLE", "REMARKS",
      ].map { Table.Column($0) },
      rows: tickets.map { ticket in
        [
          ValueText.name(ticket.reference, number: ticket.number),
          TicketCommands.words(ticket.stateName), ticket.severity ?? "", ticket.priority ?? "",
          ticket.assignee.map { replica.markedName($0) } ?? "",
          ValueText.time(ticket.changedMilliseconds),
          Text.truncated(Text.printable(values.text(ticket.title)), width: 60),
          remarks(ticket).joined(separator: ", "),
        ]
      })
  }

  private func remarks(_ ticket: Ticket) -> [String] {
    var remarks: [String] = []
    if ticket.isPending { remarks.append("not sent yet") }
    if !ticket.conflicts.isEmpty {
      remarks.append("conflict: \(ticket.conflicts.joined(separator: " "))")
    }
    return remarks
  }

  func lines(_ details: TicketDetails) -> [String] {
    let ticket = details.ticket
    let name = ValueText.name(ticket.reference, number: ticket.number)
    var lines = ["\(name)  \(values.text(ticket.title))"]
    func add(_ title: String, _ text: String?) {
      guard let text, !text.isEmpty else { return }
      let padding = String(repeating: " ", count: max(1, 13 - title.count))
      lines.append("  \(title)\(padding)\(text)")
    }
    add("status", status(ticket))
    add("kind", TicketCommands.words(ticket.kind))
    add("severity", ticket.severity)
    add("priority", ticket.priority)
    add("assignee", ticket.assignee.map { replica.markedName($0) })
    add("labels", ticket.labels.joined(separator: ", "))
    add("environment", ticket.environment == .nothing ? nil : values.text(ticket.environment))
    add("opened", "\(ValueText.time(ticket.createdMilliseconds)) by \(ticket.creator.text)")
    add("changed", ValueText.time(ticket.changedMilliseconds))
    add("id", ticket.id.uuidText)
    add("remarks", remarks(ticket).joined(separator: ", "))
    add("next", details.steps.map(\.rawValue).joined(separator: ", "))
    if ticket.description != .nothing {
      lines += ["", "description"] + indented(ticket.description)
    }
    lines += comments(details) + work(details) + notes(details)
    return lines
  }

  private func status(_ ticket: Ticket) -> String {
    var text = TicketCommands.words(ticket.stateName)
    if let time = ticket.status?.timeMilliseconds { text += " since \(TimeText.text(time))" }
    if let reason = ticket.status?.reason { text += " (\(reason))" }
    return text
  }

  /// Line by line, because a line's control characters are escaped.
  private func indented(_ value: OpenedValue) -> [String] {
    values.text(value).split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
  }

  private func head(_ author: Author, _ time: String, _ isPending: Bool) -> String {
    "\(time)  \(author.text)\(isPending ? "  not sent yet" : "")"
  }

  private func comments(_ details: TicketDetails) -> [String] {
    details.comments.flatMap { comment in
      [
        "",
        "comment  "
          + head(comment.author, ValueText.time(comment.timeMilliseconds), comment.isPending),
      ] + indented(comment.text)
    }
  }

  private func work(_ details: TicketDetails) -> [String] {
    details.work.flatMap { work in
      [
        "",
        "work     \(work.minutes) minutes  "
          + head(work.author, TimeText.text(work.timeMilliseconds), work.isPending),
      ] + (work.text == .nothing ? [] : indented(work.text))
    }
  }

  private func notes(_ details: TicketDetails) -> [String] {
    details.notes.flatMap { note in
      [
        "",
        "team     " + head(note.author, ValueText.time(note.timeMilliseconds), note.isPending),
      ] + indented(note.text)
    }
  }

  // MARK: For machines

  func json(_ ticket: Ticket) -> JSONValue { .object(members(ticket)) }

  private func members(_ ticket: Ticket) -> [String: JSONValue] {
    let status: JSONValue =
      ticket.status.map {
        .object([
          "state": .string($0.state), "reason": $0.reason.map { .string($0) } ?? .null,
          "at": $0.timeMilliseconds.map { .integer($0) } ?? .null,
        ])
      } ?? .null
    return [
      "id": .string(ticket.id.hex), "space": .string(ticket.reference.space.hex),
      "number": ticket.number.map { .integer($0) } ?? .null, "kind": .string(ticket.kind),
      "title": ValueText.json(ticket.title), "description": ValueText.json(ticket.description),
      "environment": ValueText.json(ticket.environment),
      "severity": ticket.severity.map { .string($0) } ?? .null,
      "priority": ticket.priority.map { .string($0) } ?? .null, "status": status,
      "assignee": ticket.assignee.map { .string($0.hex) } ?? .null,
      "labels": .array(ticket.labels.map { .string($0) }),
      "conflicts": .array(ticket.conflicts.map { .string($0) }),
      "creator": ValueText.json(ticket.creator),
      "created_at": .integer(Int64(ticket.createdMilliseconds)),
      "changed_at": .integer(Int64(ticket.changedMilliseconds)),
      "pending": .bool(ticket.isPending),
    ]
  }

  func json(_ details: TicketDetails) -> JSONValue {
    var members = members(details.ticket)
    members["next"] = .array(details.steps.map { .string($0.rawValue) })
    members["comments"] = .array(
      details.comments.map { comment in
        .object([
          "id": .string(comment.id.hex), "author": ValueText.json(comment.author),
          "at": .integer(Int64(comment.timeMilliseconds)), "text": ValueText.json(comment.text),
          "in_reply_to": comment.inReplyTo.map { .string($0.hex) } ?? .null,
          "pending": .bool(comment.isPending),
        ])
      })
    members["work"] = .array(
      details.work.map { work in
        .object([
          "id": .string(work.id.hex), "author": ValueText.json(work.author),
          "at": .integer(work.timeMilliseconds), "minutes": .integer(work.minutes),
          "text": ValueText.json(work.text), "pending": .bool(work.isPending),
        ])
      })
    members["notes"] = .array(
      details.notes.map { note in
        .object([
          "id": .string(note.id.hex), "author": ValueText.json(note.author),
          "at": .integer(Int64(note.timeMilliseconds)), "text": ValueText.json(note.text),
          "pending": .bool(note.isPending),
        ])
      })
    return .object(members)
  }
}

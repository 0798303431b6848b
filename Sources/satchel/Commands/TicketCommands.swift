import Merge
import Replica
import Terminal

/// `ticket`: casework with a team, online or not.
enum TicketCommands {
  static var all: [Command] {
    [new, list, show, set, comment] + TicketStep.allCases.map(step) + [note, work]
  }

  static let id = Argument("ID", help: "the number (3 or #3), or the beginning of the id")

  private static let fields: [Terminal.Option] = [
    .value("severity", "WORD", help: "minor, major, critical"),
    .value("priority", "WORD", help: "low, normal, high, urgent"),
    .value("description", "TEXT", help: "- reads it from standard input"),
    .value("environment", "TEXT", help: "where it happens"),
  ]

  private static var new: Command {
    Command(
      name: ["ticket", "new"], summary: "open a ticket",
      details: "Works offline. The server gives the ticket its number when it gets there.",
      options: [
        .value("title", "TEXT"),
        .value(
          "kind", "WORD",
          help: "bug (if left out), maintenance, consultation, document_feedback"),
      ] + fields + [
        .values("label", "LABEL"),
        .value("with", "NAME", help: "the team or person, if there is more than one casework"),
        .flag("json"),
      ]
    ) { invocation in
      var draft = TicketDraft(
        kind: invocation.option("kind") ?? "bug", title: try invocation.requiredOption("title"),
        description: try invocation.option("description").map(ValueText.input),
        environment: invocation.option("environment"), severity: invocation.option("severity"),
        priority: invocation.option("priority"))
      draft.labels = Set(invocation.options("label"))
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let space = try replica.caseworkSpace(with: invocation.option("with"))
        let ticket = try replica.newTicket(draft, in: space.id)
        if invocation.flag("json") {
          session.output.json(TicketText(replica).json(ticket))
        } else {
          session.output.line("opened ticket \(name(ticket)), with \(space.name)")
        }
      }
    }
  }

  private static var list: Command {
    Command(
      name: ["ticket", "ls"], summary: "tickets, the oldest first",
      options: [
        .flag("all", help: "closed ones too"), .value("with", "NAME", help: "a team or person"),
        .flag("json"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let space = try invocation.option("with").map { try replica.caseworkSpace(with: $0).id }
        let tickets = try replica.tickets(closed: invocation.flag("all"), in: space)
        let text = TicketText(replica)
        if invocation.flag("json") {
          session.output.json(.array(tickets.map(text.json)))
        } else {
          session.output.table(text.table(tickets))
        }
      }
    }
  }

  private static var show: Command {
    Command(
      name: ["ticket", "show"], summary: "all of a ticket", arguments: [id],
      options: [.flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let ticket = try replica.ticket(named: invocation.argument("ID"))
        let details = try replica.ticketDetails(ticket)
        let text = TicketText(replica)
        if invocation.flag("json") {
          session.output.json(text.json(details))
        } else {
          for line in text.lines(details) { session.output.line(line) }
        }
      }
    }
  }

  private static var set: Command {
    Command(
      name: ["ticket", "set"], summary: "change fields of a ticket",
      details: "What a field says already is not written. An empty text takes it away.",
      arguments: [id],
      options: [.value("title", "TEXT")] + fields + [
        .value("assignee", "NAME", help: "a person of the team, me, or none"),
        .values("label", "+LABEL or -LABEL", help: "add or take away"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let ticket = try replica.ticket(named: invocation.argument("ID"))
        let edit = try edit(invocation, replica)
        let written = try replica.editTicket(ticket, edit)
        let name = name(try replica.ticket(ticket))
        session.output.line(
          written.isEmpty
            ? "no change: ticket \(name) says that already"
            : "ticket \(name): \(written.joined(separator: ", ")) changed")
        if case .some(.some(let assignee)) = edit.assignee {
          session.output.note("assigned to \(replica.markedName(assignee))")
        }
      }
    }
  }

  private static func edit(_ invocation: Invocation, _ replica: Replica) throws -> TicketEdit {
    var edit = TicketEdit()
    edit.title = invocation.option("title")
    edit.description = try invocation.option("description").map(ValueText.input)
    edit.environment = invocation.option("environment")
    edit.severity = invocation.option("severity")
    edit.priority = invocation.option("priority")
    switch invocation.option("assignee") {
    case nil: break
    case "none": edit.assignee = .some(nil)
    case "me": edit.assignee = .some(replica.identity.account)
    case let name?: edit.assignee = .some(try replica.person(named: name))
    }
    for label in invocation.options("label") {
      switch label.first {
      case "+": edit.addedLabels.insert(String(label.dropFirst()))
      case "-": edit.removedLabels.insert(String(label.dropFirst()))
      default: throw Failure.usage("write --label +\(label) or --label -\(label)")
      }
    }
    guard edit != TicketEdit() else {
      throw Failure.usage("nothing to change", hint: "see “satchel ticket set --help”")
    }
    return edit
  }

  private static var comment: Command {
    Command(
      name: ["ticket", "comment"], summary: "say something about a ticket",
      arguments: [id, Argument("TEXT", help: "- reads it from standard input")]
    ) { invocation in
      let text = try ValueText.input(invocation.argument("TEXT"))
      try Session.shared.withReplica(invocation) { replica in
        let ticket = try replica.ticket(named: invocation.argument("ID"))
        try replica.comment(on: ticket, text)
        Session.shared.output.line("commented on ticket \(name(try replica.ticket(ticket)))")
      }
    }
  }

  private static func step(_ step: TicketStep) -> Command {
    Command(
      name: ["ticket", step.rawValue], summary: summary(step), arguments: [id],
      options: [.value("reason", "TEXT", help: "open to the operator")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let reference = try replica.ticket(named: invocation.argument("ID"))
        let before = try replica.ticket(reference)
        let hasMoved: Bool
        do {
          hasMoved = try replica.take(step, on: reference, reason: invocation.option("reason"))
        } catch ReplicaError.refused(let refusal) where refusal.code == .transitionNotAllowed {
          throw notAllowed(step, before, try replica.steps(from: reference))
        }
        let state = try replica.ticket(reference).stateName
        session.output.line(
          hasMoved
            ? "ticket \(name(before)) is \(words(state)) now"
            : "no change: ticket \(name(before)) is \(words(state)) already")
      }
    }
  }

  private static func summary(_ step: TicketStep) -> String {
    switch step {
    case .start: "staff: work on it"
    case .ask: "staff: wait for the client's answer"
    case .resolve: "staff: say that it is done"
    case .close: "client: say that the matter is settled"
    case .reopen: "client: say that it is not settled after all"
    }
  }

  private static func notAllowed(
    _ step: TicketStep, _ ticket: Ticket, _ allowed: [TicketStep]
  ) -> Failure {
    let choices = allowed.map(\.rawValue).joined(separator: ", ")
    return Failure(
      "ticket \(name(ticket)) is \(words(ticket.stateName)): you cannot \(step.rawValue) it now",
      hint: allowed.isEmpty ? "it is somebody else's turn" : "what you can do: \(choices)",
      exitCode: .refused)
  }

  private static var note: Command {
    Command(
      name: ["ticket", "note"], summary: "staff: say something that only the team reads",
      arguments: [id, Argument("TEXT", help: "- reads it from standard input")]
    ) { invocation in
      let text = try ValueText.input(invocation.argument("TEXT"))
      try Session.shared.withReplica(invocation) { replica in
        let ticket = try replica.ticket(named: invocation.argument("ID"))
        try replica.note(on: ticket, text)
        Session.shared.output.line(
          "noted for the team on ticket \(name(try replica.ticket(ticket)))")
      }
    }
  }

  private static var work: Command {
    Command(
      name: ["ticket", "work"], summary: "staff: note how long you worked on a ticket",
      arguments: [
        id, Argument("TIME", help: "as 45m or 2h"),
        Argument("TEXT", .optional, help: "what you did; - reads it from standard input"),
      ]
    ) { invocation in
      let time = try TimeText.parseDuration(invocation.argument("TIME"))
      let text = try invocation.optionalArgument("TEXT").map(ValueText.input)
      try Session.shared.withReplica(invocation) { replica in
        let ticket = try replica.ticket(named: invocation.argument("ID"))
        try replica.addWork(on: ticket, minutes: time / 60_000, text: text)
        Session.shared.output.line(
          "noted \(time / 60_000) minutes on ticket \(name(try replica.ticket(ticket)))")
      }
    }
  }

  private static func name(_ ticket: Ticket) -> String {
    ValueText.name(ticket.reference, number: ticket.number)
  }

  /// `waiting_for_client` is a word of the schema, not of people.
  static func words(_ state: String) -> String {
    state.split(separator: "_").joined(separator: " ")
  }
}

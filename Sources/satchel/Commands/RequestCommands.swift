import Merge
import Replica
import Terminal

/// `request`, `requests`, `approve`, `deny`, `withdraw`: asking a client for access.
enum RequestCommands {
  static var all: [Command] { [request, requests, approve, deny, withdraw] }

  private static var request: Command {
    Command(
      name: ["request"], summary: "practitioner, family: ask a client for access, with the reason",
      arguments: [Argument("CLIENT")],
      options: [
        .value("file", "NAME", help: "what you would like to see; the reason may say it as well"),
        .value("reason", "TEXT", help: "why; sealed, only the client reads it"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let client = try replica.person(named: invocation.argument("CLIENT"))
        let reason = try invocation.requiredOption("reason")
        let id = try replica.requestAccess(
          to: client, name: invocation.option("file"), reason: reason)
        let name = replica.markedName(client)
        session.output.line("asked \(name) for access; the request is \(id.hex.suffix(8))")
        session.output.note("kept here; the next `satchel sync` sends it")
      }
    }
  }

  private static var requests: Command {
    Command(
      name: ["requests"], summary: "requests for access, yours or to you, and their answers",
      options: [.flag("all", help: "also those that are answered"), .flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let found = try replica.accessRequests().filter { request in
          request.state == .requested || invocation.flag("all") || invocation.flag("json")
            || request.practitioner == replica.identity.account
        }
        if invocation.flag("json") {
          return session.output.json(.array(found.map { json($0, replica) }))
        }
        session.output.table(
          Table(
            columns: ["ID", "TIME", "PERSON", "FILE", "REASON", "STATE", "UNTIL", "MESSAGE"].map {
              Table.Column($0)
            }, rows: found.map { row($0, replica) }))
      }
    }
  }

  private static func row(_ request: AccessRequest, _ replica: Replica) -> [String] {
    let isClient = request.client == replica.identity.account
    return [
      request.shortID, TimeText.text(Int64(clamping: request.timeMilliseconds)),
      replica.markedName(isClient ? request.practitioner : request.client), request.name ?? "",
      request.reason ?? "(cannot be opened)",
      request.state.rawValue + (request.isSent ? "" : " (not sent yet)"),
      request.untilMilliseconds.map { ShareText.end($0) } ?? "", request.message ?? "",
    ]
  }

  private static func json(_ request: AccessRequest, _ replica: Replica) -> JSONValue {
    .object([
      "id": .string(request.id.hex), "space": .string(request.space.hex),
      "client": .string(request.client.hex),
      "client_name": .string(replica.personName(request.client)),
      "practitioner": .string(request.practitioner.hex),
      "practitioner_name": .string(replica.personName(request.practitioner)),
      "file": request.file.map { .string($0.hex) } ?? .null,
      "name": request.name.map { .string($0) } ?? .null,
      "reason": request.reason.map { .string($0) } ?? .null,
      "state": .string(request.state.rawValue),
      "until": ShareText.time(request.untilMilliseconds),
      "message": request.message.map { .string($0) } ?? .null,
      "time": ShareText.time(request.timeMilliseconds), "sent": .bool(request.isSent),
    ])
  }

  private static let requestArgument = Argument(
    "REQUEST", .optional, help: "its id; the open one if there is only one")

  private static var approve: Command {
    Command(
      name: ["approve"], summary: "client: approve a request, and share files or folders",
      details: """
        What comes into a folder later is shared as well, as long as the access lasts. \
        Where the consent has run out it has to be given again first (satchel consent approve --until …), \
        by both sides where both yeses had an end.
        """,
      arguments: [requestArgument],
      options: [
        .values(
          "file", "PATH", help: "a file or folder of yours; what was asked for if left out"),
        .value("until", "TIME", help: "a week from now if left out"),
        .value("can", "LIST", help: "view, download, note; view if left out"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let request = try replica.accessRequest(invocation.optionalArgument("REQUEST"))
        let approved = try replica.approve(
          request, paths: invocation.options("file"),
          untilMilliseconds: invocation.option("until").map { try session.time($0) },
          permissions: PermissionText.parse(invocation.option("can") ?? "view"))
        let name = replica.markedName(request.practitioner)
        for item in approved.files {
          session.output.line(
            "approved: \(item.name) is shared with \(name) until "
              + "\(ShareText.end(item.untilMilliseconds)): \(PermissionText.text(item.permissions))"
          )
        }
        for folder in approved.folders {
          let files = folder.fileCount == 1 ? "1 file" : "\(folder.fileCount) files"
          session.output.line(
            "approved: \(folder.path) is shared with \(name) until "
              + "\(ShareText.end(folder.untilMilliseconds)): \(files) now, new ones follow")
        }
        session.output.note("kept here; the next `satchel sync` sends it")
      }
    }
  }

  private static var deny: Command {
    Command(
      name: ["deny"], summary: "client: deny a request",
      arguments: [requestArgument],
      options: [.value("message", "TEXT", help: "for who asked; sealed")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let request = try replica.accessRequest(invocation.optionalArgument("REQUEST"))
        try replica.deny(request, message: invocation.option("message"))
        session.output.line("denied the request of \(replica.markedName(request.practitioner))")
        session.output.note("kept here; the next `satchel sync` sends it")
      }
    }
  }

  private static var withdraw: Command {
    Command(
      name: ["withdraw"], summary: "practitioner, family: take a request back",
      arguments: [requestArgument]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let request = try replica.accessRequest(invocation.optionalArgument("REQUEST"))
        try replica.withdraw(request)
        session.output.line("withdrawn")
        session.output.note("kept here; the next `satchel sync` sends it")
      }
    }
  }
}

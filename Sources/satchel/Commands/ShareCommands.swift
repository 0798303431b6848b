import Merge
import Replica
import Terminal

/// `share`, `revoke`, `shares` for a client; `shared` for those with whom files are shared.
enum ShareCommands {
  static var all: [Command] { [share, revoke, shares, sharedList, sharedCat, sharedGet] }

  // MARK: The client

  private static var share: Command {
    Command(
      name: ["share"], summary: "share a file with a person",
      details: """
        A share is of the file: new versions follow while it is active. Sharing again with the same \
        person changes the share.
        """,
      arguments: [Argument("FILE", help: "in the vault")],
      options: [
        .value("with", "PERSON"),
        .value("until", "TIME", help: "such as 2026-12-31 or 7d; as the consent if left out"),
        .value("can", "LIST", help: "view, download, note; view if left out"), .flag("json"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let person = try replica.person(named: invocation.requiredOption("with"))
        let until = try invocation.option("until").map { try session.time($0) }
        let permissions = try PermissionText.parse(invocation.option("can") ?? "view")
        let item = try replica.share(
          invocation.argument("FILE"), with: person, untilMilliseconds: until,
          permissions: permissions)
        if invocation.flag("json") {
          session.output.json(json(item, replica))
        } else {
          let name = try PersonText.marked(person, replica)
          session.output.line(
            "\(item.name) is shared with \(name) until \(endText(item)): "
              + PermissionText.text(item.permissions))
          session.output.note("kept here; the next `satchel sync` sends it")
        }
      }
    }
  }

  private static var revoke: Command {
    Command(
      name: ["revoke"], summary: "take a shared file back from a person",
      arguments: [Argument("FILE", help: "in the vault, or as it was shared")],
      options: [.value("from", "PERSON"), .flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let person = try replica.person(named: invocation.requiredOption("from"))
        let revoked = try replica.revoke(invocation.argument("FILE"), from: person)
        if invocation.flag("json") {
          session.output.json(.array(revoked.map { json($0, replica) }))
          return
        }
        let name = replica.personName(person)
        for item in revoked { session.output.line("revoked \(item.name) from \(name)") }
        session.output.line("recorded here; stopped at the server once this is synced")
        session.output.line(
          "devices of \(name) let go of it at their next contact, at the latest 72 hours after "
            + "their last; what was delivered before cannot be taken back")
      }
    }
  }

  private static var shares: Command {
    Command(
      name: ["shares"], summary: "what you share, with whom and until when",
      options: [.flag("all", help: "also what is revoked or over"), .flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let items = try replica.sharesGiven().filter {
          $0.status == .active || invocation.flag("all") || invocation.flag("json")
        }
        if invocation.flag("json") {
          session.output.json(.array(items.map { json($0, replica) }))
          return
        }
        session.output.table(
          Table(
            columns: ["FILE", "PERSON", "UNTIL", "CAN", "STATE", "ID"].map { Table.Column($0) },
            rows: try items.map { item in
              [
                item.name, try PersonText.marked(item.practitioner, replica), endText(item),
                PermissionText.text(item.permissions), state(item), item.shortID,
              ]
            }))
      }
    }
  }

  // MARK: Those with whom files are shared

  private static var sharedList: Command {
    Command(
      name: ["shared", "ls"], summary: "what is shared with you",
      options: [.flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let items = try replica.sharesReceived()
        if invocation.flag("json") {
          session.output.json(.array(items.map { json($0, replica) }))
          return
        }
        session.output.table(
          Table(
            columns: ["FILE", "FROM", "UNTIL", "CAN", "STATE", "SIZE", "HERE", "ID"].map {
              Table.Column($0)
            },
            rows: try items.map { item in
              [
                item.name, try PersonText.marked(item.client, replica), endText(item),
                PermissionText.text(item.permissions), state(item),
                ByteSize.text(UInt64(clamping: item.byteCount)), item.isHere ? "yes" : "no",
                item.shortID,
              ]
            }))
      }
    }
  }

  static let nameArgument = Argument(
    "NAME", help: "of the file, or the share's id as `shared ls` shows it")
  static let fromOption = Terminal.Option.value(
    "from", "PERSON", help: "where the name alone is not enough")

  static func item(
    _ invocation: Invocation, _ replica: Replica, person option: String
  ) throws -> ShareItem {
    let other = try invocation.option(option).map { try replica.person(named: $0) }
    return try replica.share(named: invocation.argument("NAME"), other: other)
  }

  private static var sharedCat: Command {
    Command(
      name: ["shared", "cat"], summary: "write a shared file to standard output",
      details: "Nothing is written before all of the file was verified.",
      arguments: [nameArgument], options: [fromOption]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let item = try item(invocation, replica, person: "from")
        try replica.readShared(item) { session.output.write($0) }
      }
    }
  }

  private static var sharedGet: Command {
    Command(
      name: ["shared", "get"], summary: "write a shared file to the disk",
      arguments: [nameArgument],
      options: [
        fromOption, .value("to", "DIR", help: "where; the working directory if left out"),
        .flag("force", help: "replace a file that is there"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let item = try item(invocation, replica, person: "from")
        let path = try replica.getShared(
          item, to: invocation.option("to") ?? ".", overwrite: invocation.flag("force"))
        session.output.line("\(path)  (\(ByteSize.text(UInt64(clamping: item.byteCount))))")
      }
    }
  }

  // MARK: Showing

  private static func endText(_ item: ShareItem) -> String {
    item.untilMilliseconds.map { TimeText.text(Int64(clamping: $0)) } ?? "open end"
  }

  private static func state(_ item: ShareItem) -> String {
    item.isSent ? item.status.word : "\(item.status.word) (not sent yet)"
  }

  static func json(_ item: ShareItem, _ replica: Replica) -> JSONValue {
    .object([
      "id": .string(item.id.hex), "space": .string(item.space.hex),
      "file": .string(item.file.hex), "name": .string(item.name),
      "client": .string(item.client.hex),
      "client_name": .string(replica.personName(item.client)),
      "practitioner": .string(item.practitioner.hex),
      "practitioner_name": .string(replica.personName(item.practitioner)),
      "until": item.untilMilliseconds.map { .integer(Int64(clamping: $0)) } ?? .null,
      "permissions": .array(item.permissions.map { .string($0.rawValue) }),
      "state": .string(item.status.word), "bytes": .integer(Int64(item.byteCount)),
      "here": .bool(item.isHere), "sent": .bool(item.isSent),
    ])
  }
}

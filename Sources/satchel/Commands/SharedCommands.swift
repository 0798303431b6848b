import Merge
import Replica
import Terminal

/// `shared`: for those with whom files are shared.
enum SharedCommands {
  static var all: [Command] { [sharedList, sharedCat, sharedGet] }

  private static var sharedList: Command {
    Command(
      name: ["shared", "ls"], summary: "what is shared with you",
      options: [.flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let items = try replica.sharesReceived()
        if invocation.flag("json") {
          session.output.json(.array(items.map { ShareText.json($0, replica) }))
          return
        }
        session.output.table(
          Table(
            columns: ["FILE", "FROM", "UNTIL", "CAN", "STATE", "SIZE", "HERE", "ID"].map {
              Table.Column($0)
            },
            rows: items.map { item in
              [
                item.name, replica.markedName(item.client),
                ShareText.end(item.untilMilliseconds),
                PermissionText.text(item.permissions), ShareText.state(item),
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
}

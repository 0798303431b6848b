import Replica
import Terminal

/// `note`: what both sides write on a shared file.
enum NoteCommands {
  static var all: [Command] { [add, list] }

  private static let withOption = Terminal.Option.value(
    "with", "PERSON", help: "the other side, where the name alone is not enough")

  private static var add: Command {
    Command(
      name: ["note", "add"], summary: "write a note on a shared file",
      arguments: [
        Argument("NAME", help: "the shared file's name or path, or the share's id"),
        Argument("TEXT"),
      ], options: [withOption]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let item = try SharedCommands.item(invocation, replica, person: "with")
        _ = try replica.addNote(invocation.argument("TEXT"), to: item)
        let other = item.client == replica.identity.account ? item.practitioner : item.client
        session.output.line("noted on \(item.name) for \(replica.markedName(other))")
        session.output.note("kept here; the next `satchel sync` sends it")
      }
    }
  }

  private static var list: Command {
    Command(
      name: ["note", "ls"], summary: "the notes on a shared file, or on all",
      arguments: [Argument("NAME", .optional)], options: [withOption, .flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let items =
          invocation.optionalArgument("NAME") == nil
          ? try replica.sharesReceived() + replica.sharesGiven()
          : [try SharedCommands.item(invocation, replica, person: "with")]
        let notes = try items.flatMap { item in
          try replica.notes(on: item).map { (item: item, note: $0) }
        }
        if invocation.flag("json") {
          session.output.json(.array(notes.map { json($0.item, $0.note, replica) }))
          return
        }
        session.output.table(
          Table(
            columns: ["TIME", "AUTHOR", "FILE", "NOTE"].map { Table.Column($0) },
            rows: notes.map { item, note in
              [
                TimeText.text(Int64(note.timeMilliseconds)), replica.markedName(note.author),
                item.name, note.text ?? "(cannot be opened)",
              ]
            }))
      }
    }
  }

  private static func json(_ item: ShareItem, _ note: Note, _ replica: Replica) -> JSONValue {
    .object([
      "id": .string(note.id.hex), "share": .string(note.share.hex), "file": .string(item.name),
      "author": .string(note.author.hex),
      "author_name": .string(replica.personName(note.author)),
      "time": .integer(Int64(note.timeMilliseconds)),
      "text": note.text.map { .string($0) } ?? .null, "sent": .bool(note.isSent),
    ])
  }
}

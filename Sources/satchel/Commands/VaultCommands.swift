import Merge
import Replica
import Terminal

/// `vault`: files and folders of the own vault.
enum VaultCommands {
  static var all: [Command] {
    [add, list, get, cat, ExportCommand.command, move, remove]
  }

  // MARK: add

  private static var add: Command {
    Command(
      name: ["vault", "add"], summary: "add files, and folders with all that lies in them",
      details: """
        A file of a name that is there already becomes a new version of it, unless its content is \
        the same. People with whom the file is shared get the new version too. Links are not \
        followed. A file that changes while it is read is left out.
        """,
      arguments: [Argument("PATH", .repeating, help: "on this machine")],
      options: [
        .value("to", "FOLDER", help: "of the vault; made if it is missing"), .flag("json"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let progress = ProgressLine("adding", unit: .bytes)
        defer { progress.finish() }
        let report = try replica.addToVault(
          invocation.arguments("PATH"), into: invocation.option("to")
        ) { done, _ in progress.update(done) }
        progress.finish()
        if invocation.flag("json") {
          session.output.json(json(report))
        } else {
          show(report, session.output)
        }
        try check(
          report.problems.map { (name: $0.source, error: $0.error) }, "added", session.output)
      }
    }
  }

  private static func show(_ report: AddReport, _ output: Output) {
    for item in report.items {
      let size = ByteSize.text(UInt64(item.byteCount))
      let shared = item.shareCount > 0 ? ", passed on to \(item.shareCount)" : ""
      output.line("\(item.outcome.rawValue)  \(item.path)  (\(size)\(shared))")
    }
    if report.items.contains(where: { $0.outcome != .unchanged }) {
      output.note("kept here; the next `satchel sync` sends it")
    }
  }

  private static func json(_ report: AddReport) -> JSONValue {
    .object([
      "files": .array(
        report.items.map {
          .object([
            "source": .string($0.source), "path": .string($0.path),
            "outcome": .string($0.outcome.rawValue), "bytes": .integer(Int64($0.byteCount)),
            "shares": .integer(Int64($0.shareCount)),
          ])
        }),
      "problems": .array(
        report.problems.map {
          .object(["source": .string($0.source), "reason": .string($0.error.explanation)])
        }),
    ])
  }

  /// What was left out ends the command with a failure, after the rest was done.
  private static func check(
    _ problems: [(name: String, error: ReplicaError)], _ verb: String, _ output: Output
  ) throws {
    guard let first = problems.first else { return }
    if problems.count == 1 { throw first.error }
    for problem in problems { output.warning(problem.error.explanation) }
    throw Failure(
      "\(problems.count) files could not be \(verb)", hint: "see above; the rest is done")
  }

  // MARK: ls

  private static var list: Command {
    Command(
      name: ["vault", "ls"], summary: "list a folder of the vault",
      arguments: [Argument("PATH", .optional)],
      options: [
        .flag("long", help: "with size, time, number of versions, and whether it is here"),
        .flag("recursive", help: "with all that lies below"), .flag("json"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let isRecursive = invocation.flag("recursive")
        let items = try replica.vaultListing(
          invocation.optionalArgument("PATH"), recursive: isRecursive)
        if invocation.flag("json") {
          session.output.json(.array(items.map(json)))
        } else if invocation.flag("long") {
          session.output.table(table(items, showsPath: isRecursive))
        } else {
          for item in items { session.output.line(name(item, showsPath: isRecursive)) }
        }
      }
    }
  }

  private static func name(_ item: VaultItem, showsPath: Bool) -> String {
    (showsPath ? item.path : item.name) + (item.kind == .folder ? "/" : "")
  }

  private static func table(_ items: [VaultItem], showsPath: Bool) -> Table {
    Table(
      columns: [
        Table.Column("SIZE", .right), Table.Column("MODIFIED"), Table.Column("VERSIONS", .right),
        Table.Column("HERE"), Table.Column("NAME"),
      ],
      rows: items.map { item in
        guard item.kind == .file else { return ["", "", "", "", name(item, showsPath: showsPath)] }
        return [
          ByteSize.text(UInt64(clamping: item.byteCount)),
          item.modifiedMilliseconds.map { TimeText.text($0) } ?? "", String(item.versionCount),
          item.isHere ? "yes" : "no", name(item, showsPath: showsPath),
        ]
      })
  }

  private static func json(_ item: VaultItem) -> JSONValue {
    .object([
      "id": .string(item.id.hex), "kind": item.kind == .folder ? "folder" : "file",
      "name": .string(item.name), "path": .string(item.path),
      "bytes": item.kind == .file ? .integer(item.byteCount) : .null,
      "modified": item.modifiedMilliseconds.map { .integer($0) } ?? .null,
      "versions": item.kind == .file ? .integer(Int64(item.versionCount)) : .null,
      "here": item.kind == .file ? .bool(item.isHere) : .null,
    ])
  }

  // MARK: get, cat

  private static var get: Command {
    Command(
      name: ["vault", "get"], summary: "write files and folders of the vault to the disk",
      details: "A file appears under its name once all of it was verified.",
      arguments: [Argument("PATH", .repeating, help: "in the vault")],
      options: [
        .value("to", "DIR", help: "where; the working directory if left out"),
        .flag("force", help: "replace files that are there"), .flag("json"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let progress = ProgressLine("writing", unit: .bytes)
        defer { progress.finish() }
        let report = try replica.getFromVault(
          invocation.arguments("PATH"), to: invocation.option("to") ?? ".",
          overwrite: invocation.flag("force")
        ) { done, _ in progress.update(done) }
        progress.finish()
        if invocation.flag("json") {
          session.output.json(json(report))
        } else {
          for item in report.items {
            session.output.line(
              "\(item.destination)  (\(ByteSize.text(UInt64(item.byteCount))))")
          }
        }
        try check(
          report.problems.map { (name: $0.path, error: $0.error) }, "written", session.output)
      }
    }
  }

  private static func json(_ report: GetReport) -> JSONValue {
    .object([
      "files": .array(
        report.items.map {
          .object([
            "path": .string($0.path), "destination": .string($0.destination),
            "bytes": .integer(Int64($0.byteCount)),
          ])
        }),
      "problems": .array(
        report.problems.map {
          .object(["path": .string($0.path), "reason": .string($0.error.explanation)])
        }),
    ])
  }

  private static var cat: Command {
    Command(
      name: ["vault", "cat"], summary: "write a file of the vault to standard output",
      details: "Nothing is written before all of the file was verified.",
      arguments: [Argument("PATH", .repeating, help: "in the vault")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        for path in invocation.arguments("PATH") {
          try replica.readFromVault(path) { session.output.write($0) }
        }
      }
    }
  }

  // MARK: mv, rm

  private static var move: Command {
    Command(
      name: ["vault", "mv"], summary: "rename a file or folder, or move it into a folder",
      arguments: [
        Argument("PATH"), Argument("TARGET", help: "a folder of the vault, / or a new path"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let path = try replica.moveInVault(
          invocation.argument("PATH"), to: invocation.argument("TARGET"))
        session.output.line("now \(path)")
      }
    }
  }

  private static var remove: Command {
    Command(
      name: ["vault", "rm"], summary: "delete files, and folders with all that lies in them",
      details: "Whoever a deleted file is shared with loses it too.",
      arguments: [Argument("PATH", .repeating)],
      options: [
        .flag("recursive", help: "delete folders"),
        .flag(
          "forever", help: "destroy all versions, their keys and bytes, here and at the server"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        for path in invocation.arguments("PATH") {
          let removed = try replica.removeFromVault(
            path, recursive: invocation.flag("recursive"), forever: invocation.flag("forever"))
          let shares = removed.shareCount > 0 ? ", \(removed.shareCount) shares revoked" : ""
          session.output.line("deleted \(path) (files: \(removed.fileCount)\(shares))")
        }
        if invocation.flag("forever") {
          session.output.note(
            "the server destroys it with the next `satchel sync`; backups of it do not")
        }
      }
    }
  }
}

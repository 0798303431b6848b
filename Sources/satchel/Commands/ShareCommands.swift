import Merge
import Replica
import Terminal

/// `share`, `revoke`: what a client gives and takes back.
enum ShareCommands {
  static var all: [Command] { [share, revoke] }

  private static let vaultOption = Terminal.Option.flag(
    "vault", help: "all of the vault, and what comes into it")

  private static var share: Command {
    Command(
      name: ["share"], summary: "share a file, a folder or the whole vault with a person",
      details: """
        New versions follow while a share is active, and new files in what is shared. Sharing again \
        with the same person changes the share. What was shared of a single file stays as it is when \
        a folder around it is shared.
        """,
      arguments: [Argument("PATH", .optional, help: "a file or folder of the vault")],
      options: [
        .value("with", "PERSON"), vaultOption,
        .value("until", "TIME", help: "such as 2026-12-31 or 7d; as the consent if left out"),
        .flag(
          "active",
          help: "while the engagement is active: past the end of the consent, if that is given "
            + "again in the time of grace"),
        .value(
          "grace", "TIME", help: "with --active: how long that is, such as 14d; 30d if left out"),
        .value("can", "LIST", help: "view, download, note; view if left out"), .flag("json"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let person = try replica.person(named: invocation.requiredOption("with"))
        let until = try invocation.option("until").map { try session.time($0) }
        let permissions = try PermissionText.parse(invocation.option("can") ?? "view")
        let path = try path(invocation)
        if let path, try !invocation.flag("active") && !isFolder(path, replica) {
          let item = try replica.share(
            path, with: person, untilMilliseconds: until, permissions: permissions)
          return try show(item, replica, invocation, session.output)
        }
        let count = try replica.shareStanding(
          path, with: person, untilMilliseconds: until, permissions: permissions,
          graceMilliseconds: try grace(invocation))
        try showStanding(path, person, count, replica, invocation, session.output)
      }
    }
  }

  /// `nil` where it is not shared while the engagement is active.
  private static func grace(_ invocation: Invocation) throws(Failure) -> UInt64? {
    guard let text = invocation.option("grace") else {
      return invocation.flag("active") ? Replica.defaultGraceMilliseconds : nil
    }
    guard invocation.flag("active") else { throw Failure.usage("--grace belongs to --active") }
    return UInt64(try TimeText.parseDuration(text))
  }

  /// `nil` for the whole vault.
  private static func path(_ invocation: Invocation) throws -> String? {
    let path = invocation.optionalArgument("PATH")
    guard (path == nil) == invocation.flag("vault") else {
      throw Failure.usage("either PATH or --vault says what is meant")
    }
    return path
  }

  private static func isFolder(_ path: String, _ replica: Replica) throws -> Bool {
    try replica.vaultTree().entry(at: path)?.kind != .file
  }

  private static func show(
    _ item: ShareItem, _ replica: Replica, _ invocation: Invocation, _ output: Output
  ) throws {
    if invocation.flag("json") { return output.json(ShareText.json(item, replica)) }
    let name = replica.markedName(item.practitioner)
    output.line(
      "\(item.name) is shared with \(name) until \(ShareText.end(item.untilMilliseconds)): "
        + PermissionText.text(item.permissions))
    output.note("kept here; the next `satchel sync` sends it")
  }

  private static func showStanding(
    _ path: String?, _ person: AccountID, _ count: Int, _ replica: Replica,
    _ invocation: Invocation, _ output: Output
  ) throws {
    let tree = try replica.vaultTree()
    let shown = try path.flatMap { try tree.entry(at: $0) }.map { tree.path(of: $0.id) }
    let found = try replica.standingItems().last { $0.practitioner == person && $0.path == shown }
    if invocation.flag("json"), let found {
      return output.json(ShareText.json(found, replica))
    }
    let what = path ?? "the whole vault"
    let files = count == 1 ? "1 file" : "\(count) files"
    let name = replica.markedName(person)
    output.line("\(what) is shared with \(name): \(files) now, new ones follow")
    output.note("kept here; the next `satchel sync` sends it")
  }

  private static var revoke: Command {
    Command(
      name: ["revoke"], summary: "take a file, a folder or everything back from a person",
      details: "The consent stays: `satchel consent revoke` ends that, and all shares with it.",
      arguments: [Argument("PATH", .optional, help: "in the vault, or as it was shared")],
      options: [.value("from", "PERSON"), vaultOption, .flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let person = try replica.person(named: invocation.requiredOption("from"))
        let revoked =
          try path(invocation).map { try replica.revoke($0, from: person) }
          ?? replica.revokeAll(from: person)
        let ids = Set(revoked.map(\.id))
        let receipts = try replica.receipts().filter { $0.share.map(ids.contains) ?? false }
        if invocation.flag("json") {
          session.output.json(.array(revoked.map { ShareText.json($0, replica) }))
          return
        }
        let name = replica.markedName(person)
        for item in revoked { session.output.line("revoked \(item.name) from \(name)") }
        if revoked.isEmpty { session.output.line("nothing more is shared of it with \(name)") }
        session.output.line("recorded here; stopped at the server once this is synced")
        for line in ReceiptText.devices(receipts) { session.output.line(line) }
        session.output.line(
          "devices of \(name) let go of it at their next contact, at the latest 72 hours after "
            + "their last; what was delivered before cannot be taken back")
        session.output.note("what becomes of it: satchel shares --receipts")
      }
    }
  }
}

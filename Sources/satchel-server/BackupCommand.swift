import SyncServer
import Terminal

/// `satchel-server backup`: a copy that can be restored, also while the server serves.
enum BackupCommand {
  static let command = Command(
    name: ["backup"],
    summary: "Copy the server's data to a directory, also while it serves.",
    details: """
      The copy has the keys: whoever holds it can pass for this server. An older backup in the \
      directory is replaced. Files that never change are linked where both are on one disk.
      """,
    options: [DataDirectory.option, .value("to", "DIR", help: "where the backup goes")],
    run: run)

  private static func run(_ invocation: Invocation) throws {
    guard let target = invocation.option("to") else {
      throw Failure.usage("say where the backup goes with --to")
    }
    try DataDirectory.makeParents(of: target)
    try SyncServer.backUp(directory: DataDirectory.path(invocation), to: target)
    Output.standard.note("The backup is in \(target).")
  }
}

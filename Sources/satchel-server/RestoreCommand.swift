import SyncServer
import Terminal

/// `satchel-server restore`: puts a backup in the place of the data, and says what that loses.
enum RestoreCommand {
  static let command = Command(
    name: ["restore"],
    summary: "Put a backup in the place of the server's data.",
    details: """
      Stop the server first. What came after the backup is no longer here; devices that have it hand \
      it back when they sync. Until a device of a client has synced, nobody gets that client's shared \
      files, and nobody's devices or memberships change before the devices that could have changed \
      them have synced, for a week at most (`serve --settle-hours`). The database that was here stays beside the new one, as server.db.replaced.
      """,
    options: [
      DataDirectory.option, .value("from", "DIR", help: "the backup"),
      .flag("yes", help: "restore although the backup lacks something"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws {
    guard let backup = invocation.option("from") else {
      throw Failure.usage("say where the backup is with --from")
    }
    let directory = DataDirectory.path(invocation)
    try DataDirectory.makeParents(of: directory)
    let output = Output.standard
    if let loss = try SyncServer.loss(directory: directory, from: backup), !loss.isNothing {
      let words =
        "the backup lacks \(loss.entryCount) log entries, \(loss.spaceCount) spaces and "
        + "\(loss.accountCount) accounts that are here"
      guard invocation.flag("yes") else {
        throw Failure(words, hint: "restore all the same with --yes", exitCode: .refused)
      }
      output.warning(words)
    }
    try SyncServer.restore(
      directory: directory, from: backup, environment: .operatingSystem)
    output.note("Restored to \(directory). What came after the backup is lost here;")
    output.note("devices that have it hand it back when they sync.")
    output.note("Next: satchel-server serve --data \(directory)")
  }
}

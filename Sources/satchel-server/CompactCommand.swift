import SyncServer
import Terminal

/// `satchel-server compact`: drops overwritten values that every live replica has seen go.
enum CompactCommand {
  static let command = Command(
    name: ["compact"],
    summary: "Drop overwritten values that every device has seen overwritten; keep their hashes.",
    details: """
      A running server does the same by and by. Stop it first: the data directory has one owner at \
      a time.
      """,
    options: [DataDirectory.option, .flag("json", help: "the number as JSON")],
    run: run)

  private static func run(_ invocation: Invocation) throws {
    let server = try SyncServer(
      directory: DataDirectory.path(invocation), environment: .operatingSystem)
    let count = try server.compact()
    try server.close()
    let output = Output.standard
    if invocation.flag("json") { return output.json(["stubs": .integer(Int64(count))]) }
    output.line(count == 1 ? "1 commit compacted" : "\(count) commits compacted")
  }
}

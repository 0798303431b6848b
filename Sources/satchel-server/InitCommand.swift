import Foundation
import SyncProtocol
import SyncServer
import Terminal

/// `satchel-server init`: makes the data directory, the keys and the first invitation.
enum InitCommand {
  static let command = Command(
    name: ["init"],
    summary: "Make a server's data directory and the first administrator's invitation.",
    details: """
      Prints the invitation, alone, on standard output. It is the only one that the server makes, \
      good once and for seven days: whoever has it becomes the first administrator.
      """,
    options: [
      DataDirectory.option, .flag("json", help: "the invitation and its end as JSON"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws {
    let directory = DataDirectory.path(invocation)
    try DataDirectory.makeParents(of: directory)
    let invitation = try SyncServer.initialize(
      directory: directory, environment: .operatingSystem)
    let output = Output.standard
    if invocation.flag("json") {
      output.json([
        "data": .string(directory), "invitation": .string(invitation.token),
        "expires_milliseconds": .integer(Int64(invitation.expiresMilliseconds)),
        "server_key": .string(invitation.server.hex),
      ])
      return
    }
    output.note("The server's data is in \(directory).")
    output.note("This invitation makes its holder the first administrator, within seven days:")
    invitation.withToken { output.write($0) }
    output.write("\n")
    output.note("Next: satchel-server serve --data \(directory)")
  }
}

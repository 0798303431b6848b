import Foundation
import Terminal

// The server's keys are in memory for as long as it runs.
ProcessHardening.forbidDumps()
// Before anything that writes: a signal that comes early must not end the process half-way.
TerminationSignal.prepare()
let tree = CommandTree(
  program: "satchel-server", version: "0.1.0",
  summary: "Keeps and merges what Satchel's devices send, and cannot open what they seal.",
  commands: [
    InitCommand.command, ServeCommand.command, BackupCommand.command, RestoreCommand.command,
    CheckCommand.command, CompactCommand.command, SchemaCommand.check,
  ])
let code = tree.run(Array(CommandLine.arguments.dropFirst()), failure: ServerFailure.failure)
exit(code.rawValue)

import Foundation
import Terminal

// Before anything else: a signal that comes early must not end the process half-way.
TerminationSignal.prepare()
let tree = CommandTree(
  program: "satchel-sim", version: "0.1.0",
  summary:
    "Runs devices and a server on virtual time with faults by seed, and checks what must hold.",
  commands: [RunCommand.command, ShrinkCommand.command, LieCommand.command])
let code = tree.run(Array(CommandLine.arguments.dropFirst()))
exit(code.rawValue)

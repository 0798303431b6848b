import Foundation
import Terminal

TerminationSignal.prepare()
let tree = CommandTree(
  program: "satchel-bench", version: "0.1.0",
  summary: "Measures what Satchel does against yardsticks in the same run.",
  commands: [RunCommand.command, PeersCommand.command, GrowthCommand.command])
let code = tree.run(Array(CommandLine.arguments.dropFirst()))
exit(code.rawValue)

import Foundation
import Terminal

ProcessHardening.forbidDumps()
ProcessHardening.keepFilesPrivate()
let arguments = Array(CommandLine.arguments.dropFirst())
// The process that `unlock` starts; not a command for people.
if arguments.first == Agent.word { exit(Agent.run(arguments)) }
let program = CommandTree(
  program: "satchel", version: "0.1.0",
  summary: "an encrypted, offline-first vault and casework, shared and revoked by person",
  commands: AccountCommands.all + DeviceCommands.all + RecoveryCommands.all + KeyCommands.all
    + OrganisationCommands.all
    + ConsentCommands.all
    + SyncCommands.all + LockCommands.all + VaultCommands.all + ShareCommands.all
    + SharesCommands.all + SharedCommands.all + RequestCommands.all + EmergencyCommands.all
    + NoteCommands.all + AuditCommands.all + EvidenceCommands.all + CheckCommands.all
    + TicketCommands.all + RecordCommands.all
    + ConflictCommands.all
    + RejectedCommands.all + StatusCommands.all + SQLCommands.all + AgeCommands.all,
  globalOptions: Session.options)
exit(program.run(arguments, failure: FailureText.failure).rawValue)

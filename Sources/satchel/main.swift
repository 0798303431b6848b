import Foundation
import Terminal

ProcessHardening.apply()
let program = CommandTree(
  program: "satchel", version: "0.1.0",
  summary: "an encrypted, offline-first vault and casework, shared and revoked by person",
  commands: AccountCommands.all + OrganisationCommands.all + ConsentCommands.all
    + SyncCommands.all + LockCommands.all + VaultCommands.all + ShareCommands.all
    + NoteCommands.all + AuditCommands.all + TicketCommands.all + ConflictCommands.all
    + RejectedCommands.all + StatusCommands.all + SQLCommands.all,
  globalOptions: Session.options)
exit(program.run(Array(CommandLine.arguments.dropFirst()), failure: FailureText.failure).rawValue)

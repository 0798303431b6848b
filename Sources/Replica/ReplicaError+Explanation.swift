import Merge
import SyncProtocol

extension ReplicaError {
  /// What happened, in one sentence for people.
  public var explanation: String {
    switch self {
    case .noHome(let path): "there is no Satchel home at \(path)"
    case .homeExists(let path): "there is a Satchel home at \(path) already"
    case .homeInUse: "another Satchel process uses this home"
    case .homeFromNewerVersion: "a newer version of Satchel wrote this home"
    case .schemaOlder: "this was written by a newer version of Satchel and is read-only here"
    case .homeDamaged(let what): "the home is damaged (\(what))"
    case .wrongPassword: "wrong password"
    case .deviceRevoked: "this device was taken out of its account, and what it held was removed"
    case .locked: "the home is locked"
    case .notReachable(let reason): "the server cannot be reached: \(reason)"
    case .server(let code): code.title
    case .dishonest(let what): "\(what); the evidence is kept"
    case .otherServer: "the server has another key than the invitation said"
    case .serverClock(let what): "\(what); nothing is shared or approved until it goes on"
    case .invitationMalformed: "this is not a whole invitation"
    case .invitationExpired: "the invitation has expired"
    case .refused(let refusal): refusal.explanation
    case .notFound(let name): "there is no \(name)"
    case .ambiguous(let name, let choices):
      "\(name) could be any of: \(choices.joined(separator: ", "))"
    case .notReady(let what): what
    case .cannotOpen(let what): "a sealed value cannot be opened (\(what))"
    case .fileChanged(let name): "\(name) changed or vanished while it was read"
    case .fileAltered(let name): "\(name) was altered or is incomplete; nothing of it is shown"
    case .fileNotHere(let name): "\(name) is not on this device"
    case .diskFull: "the disk is full"
    case .badInput(let what): what
    }
  }

  /// What to do about it.
  public var hint: String? {
    switch self {
    case .noHome: "make one with `satchel init`, or name another with --home or SATCHEL_HOME"
    case .homeExists: "choose another with --home, or go on with the one that is there"
    case .homeInUse: "wait for it to end; nothing was changed"
    case .homeFromNewerVersion, .schemaOlder: "update Satchel on this machine"
    case .homeDamaged: "keep a copy of the folder before anything else"
    case .wrongPassword: "try again; nothing was changed"
    case .deviceRevoked:
      "what was never sent is kept under `satchel rejected`; to come back, join with a new home"
    case .locked: "unlock it with `satchel unlock`, or give --password-file"
    case .notReachable: "the work is kept and will be sent by the next `satchel sync`"
    case .server(.deviceRevoked): "run `satchel sync`"
    case .server(.sessionExpired), .server(.sessionMissing): "run the command again"
    case .server(.invitationUsed), .server(.invitationExpired), .server(.invitationUnknown),
      .invitationExpired:
      "ask for a new invitation"
    case .server(.invitationRoleWrong): "use the invitation that was made for you"
    case .server(.chainUnsettled):
      "sync the devices that could have changed it, then try again; this ends after a week at most"
    case .server: nil
    case .dishonest:
      "tell the people you work with; do not enter anything new until it is explained"
    case .otherServer: "check the address; do not go on if it is the right one"
    case .serverClock:
      "revoking still works; run `satchel sync` later, and ask whoever runs the server"
    case .invitationMalformed: "copy all of it, from satchel-invite- to its last character"
    case .refused(let refusal): Self.hint(refusal)
    case .notFound, .ambiguous: nil
    case .notReady: "run `satchel sync` and try again"
    case .cannotOpen: nil
    case .fileChanged: "add it again when nothing else writes it"
    case .fileAltered: "run `satchel sync` to fetch it again"
    case .fileNotHere: "run `satchel sync` while the server can be reached"
    case .diskFull: "make room and try again; nothing was lost"
    case .badInput: nil
    }
  }

  private static func hint(_ refusal: Refusal) -> String {
    switch refusal.code {
    case .permissionMissing:
      "nothing was written; the client decides what is allowed: satchel consent approve --can …"
    case .consentInactive: "nothing was written; see where it stands: satchel consent ls"
    case .shareInactive: "nothing was written; ask the client for access"
    case .shownUnknown, .transitionNotAllowed:
      "nothing was written; run `satchel sync` and look at it again"
    default: "nothing was written"
    }
  }
}

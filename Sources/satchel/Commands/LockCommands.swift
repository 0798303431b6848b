import Replica
import Signing
import Terminal

/// `unlock`, `lock`, `logout`, `login`, `password change`.
enum LockCommands {
  static var all: [Command] { [unlock, lock, logOut, logIn, changePassword] }

  private static var unlock: Command {
    Command(
      name: ["unlock"], summary: "keep the keys at hand for a while",
      options: [.value("for", "TIME", help: "how long, such as 30m or 8h; 8h if left out")]
    ) { invocation in
      let session = Session.shared
      let milliseconds = try TimeText.parseDuration(invocation.option("for") ?? "8h")
      guard milliseconds > 0, milliseconds <= 7 * 24 * 3600 * 1000 else {
        throw Failure.usage("--for takes a time of up to 7d, such as 8h")
      }
      let path = session.homePath(invocation)
      // An agent that runs already would unlock for whoever asks.
      AgentClient.stop(home: path)
      try session.withReplica(invocation) { replica in
        try replica.withPasswordKey {
          try Agent.start(home: path, key: $0, milliseconds: milliseconds)
        }
      }
      session.output.note("unlocked for \(invocation.option("for") ?? "8h")")
    }
  }

  private static var lock: Command {
    Command(
      name: ["lock"], summary: "forget the keys now",
      details: "The home still takes in what is new, and removes what it may no longer hold."
    ) { invocation in
      let session = Session.shared
      let wasUnlocked = AgentClient.stop(home: session.homePath(invocation))
      session.output.note(wasUnlocked ? "locked" : "it was locked already")
    }
  }

  // MARK: Logging out

  private static var logOut: Command {
    Command(
      name: ["logout"], summary: "stop using this device until somebody logs in again",
      details: """
        Locks it, ends its sessions at the server, and removes what others have shared with you. \
        Your own files and what is unsent stay. To give a device away, take it out: device revoke.
        """
    ) { invocation in
      let session = Session.shared
      let path = session.homePath(invocation)
      AgentClient.stop(home: path)
      let replica = try Replica.open(Home.open(at: path), environment: session.world)
      do {
        try replica.endSessions(session.transport(replica, invocation))
      } catch ReplicaError.notReachable {
        session.output.note("the server was not told; its sessions end by themselves in an hour")
      } catch ReplicaError.server(.deviceRevoked) {
        // It has none any more.
      }
      let unsentCount = try replica.logOut()
      session.output.line("logged out")
      if unsentCount > 0 {
        session.output.line("\(unsentCount) unsent changes stay here; `satchel login` sends them")
      }
    }
  }

  private static var logIn: Command {
    Command(name: ["login"], summary: "use this device again after a logout") { invocation in
      let session = Session.shared
      let path = session.homePath(invocation)
      let replica = try Replica.open(Home.open(at: path), environment: session.world)
      guard try replica.isLoggedOut() else {
        return session.output.note("you are logged in here; see `satchel unlock`")
      }
      let source = try PasswordSource(invocation, environment: Session.environment)
      try PasswordReader(source, output: session.output).withPassword { password in
        try replica.logIn(password: SecretBytes(copying: password))
      }
      session.output.line("logged in")
      do {
        let transport = try session.transport(replica, invocation)
        try SyncCommands.report(SyncCommands.sync(replica, transport), session.output)
      } catch ReplicaError.notReachable {
        session.output.note("the server cannot be reached; run `satchel sync` later")
      }
    }
  }

  // MARK: The password

  private static var changePassword: Command {
    Command(
      name: ["password", "change"], summary: "open this home with another password from now on",
      details: """
        Asks for the old one even while unlocked. Copies and backups of the home that were made \
        before still open with the old password.
        """,
      options: PasswordSource.newOptions
    ) { invocation in
      let session = Session.shared
      let path = session.homePath(invocation)
      let replica = try Replica.open(Home.open(at: path), environment: session.world)
      let old = try PasswordSource(invocation, environment: Session.environment)
      let new = try PasswordSource(newOf: invocation)
      try PasswordReader(old, output: session.output).withPassword(prompt: "Old password") { old in
        try PasswordReader(new, output: session.output).withPassword(
          prompt: "New password", isNew: true
        ) { new in
          try replica.changePassword(
            from: SecretBytes(copying: old), to: SecretBytes(copying: new))
        }
      }
      // What it keeps opens nothing any more.
      let wasUnlocked = AgentClient.stop(home: path)
      session.output.line("the password is changed")
      if wasUnlocked { session.output.note("locked; unlock it with the new one") }
    }
  }
}

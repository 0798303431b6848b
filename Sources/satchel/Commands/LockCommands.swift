import Replica
import Terminal

/// `unlock`, `lock`.
enum LockCommands {
  static var all: [Command] { [unlock, lock] }

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
    Command(name: ["lock"], summary: "forget the keys now") { invocation in
      let session = Session.shared
      let wasUnlocked = AgentClient.stop(home: session.homePath(invocation))
      session.output.note(wasUnlocked ? "locked" : "it was locked already")
    }
  }
}

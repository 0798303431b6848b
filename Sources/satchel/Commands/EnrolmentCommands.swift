import Foundation
import Merge
import Replica
import Terminal

/// `device add`, `device approve`, `device cancel`: letting one more device of this account in.
enum EnrolmentCommands {
  static var all: [Command] { [add, approve, cancel] }

  private static var add: Command {
    Command(
      name: ["device", "add"], summary: "make a token for one more device of this account",
      details: "It is good for one device, for a day."
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        session.output.token(try replica.offerEnrolment())
        session.output.note("on the new device: satchel init --server URL --join TOKEN")
        session.output.note("then here: satchel device approve")
      }
    }
  }

  private static var approve: Command {
    Command(
      name: ["device", "approve"], summary: "let in a device that asks with a token of yours",
      details: """
        Both devices show a short code, and a device is let in only if they are the same. Without a \
        terminal the first call shows the codes, and one with --code lets that device in.
        """,
      options: [.value("code", "DIGITS", help: "the short code that the new device shows")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let transport = try session.transport(replica, invocation)
        let candidates = try replica.candidates(transport)
        guard !candidates.isEmpty else {
          throw Failure(
            "no device asks to join",
            hint: "on the new device: satchel init --join TOKEN; a token is good for a day")
        }
        guard let chosen = try chosen(candidates, invocation, replica, transport) else { return }
        try replica.approve(chosen, transport)
        session.output.line("device \(chosen.device.hex) is in")
        try SyncCommands.report(SyncCommands.sync(replica, transport), session.output)
      }
    }
  }

  /// - Returns: `nil` where the codes are only shown.
  private static func chosen(
    _ candidates: [Replica.Candidate], _ invocation: Invocation, _ replica: Replica,
    _ transport: HTTPTransport
  ) throws -> Replica.Candidate? {
    if let given = invocation.option("code") {
      if let found = candidates.first(where: { $0.shortCode == given }) { return found }
      throw Failure(
        "the short codes differ: nobody was let in",
        hint: "if the new device really shows another one, do not go on: satchel device cancel",
        exitCode: .refused)
    }
    guard isatty(STDIN_FILENO) == 1 else {
      for candidate in candidates {
        Session.shared.output.line(
          "device \(candidate.device.hex) asks to join; short code: \(candidate.shortCode)")
      }
      Session.shared.output.note(
        "if it shows the same: satchel device approve --code DIGITS; else: satchel device cancel")
      return nil
    }
    for candidate in candidates {
      Session.shared.output.write(
        "Does the new device show \(candidate.shortCode)? Type yes, or no to turn it away: ")
      switch readLine()?.lowercased() {
      case "yes": return candidate
      case "no": try replica.refuse(candidate, transport)
      default: break
      }
    }
    throw Failure("nobody was let in", exitCode: .refused)
  }

  private static var cancel: Command {
    Command(
      name: ["device", "cancel"],
      summary: "take back the tokens that nobody has used, and turn away who asks with one"
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let count = try replica.withdrawEnrolments(session.transport(replica, invocation))
        session.output.line(count == 1 ? "1 token is taken back" : "\(count) tokens are taken back")
      }
    }
  }
}

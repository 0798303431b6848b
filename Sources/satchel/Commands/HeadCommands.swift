import Foundation
import Merge
import Replica
import SyncProtocol
import Terminal

/// `device head`, `device confirm`: whether a restored device is shown what others are shown.
enum HeadCommands {
  static var all: [Command] { [head, confirm] }

  private static var head: Command {
    Command(
      name: ["device", "head"],
      summary: "how far an account's history goes here, as words to compare",
      details: """
        For somebody whose device was restored with a recovery kit, and who wants to know whether the \
        server shows them what it shows you. Read the words to them in person or by telephone.
        """,
      arguments: [
        Argument("PERSON", .optional, help: "whose history; your own if left out")
      ],
      options: [.flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let account =
          try invocation.optionalArgument("PERSON")
          .map { try replica.person(named: $0) } ?? replica.identity.account
        let fingerprint = try replica.headFingerprint(
          of: account, session.transport(replica, invocation))
        if invocation.flag("json") { return session.output.json(json(fingerprint)) }
        session.output.line(
          "\(replica.markedName(account))  statement \(fingerprint.head.index + 1) of the account")
        for line in FingerprintWords(fingerprint).lines { session.output.line("  " + line) }
      }
    }
  }

  private static func json(_ fingerprint: HeadFingerprint) -> JSONValue {
    .object([
      "account": .string(fingerprint.account.hex),
      "statements": .integer(Int64(fingerprint.head.index) + 1),
      "words": .string(FingerprintWords(fingerprint).text),
    ])
  }

  // MARK: confirm

  private static var confirm: Command {
    Command(
      name: ["device", "confirm"],
      summary: "a restored device: confirm that what the server shows is not old",
      details: """
        Another device of yours, or another person, says what they see: on their side `satchel device \
        head`, or `satchel device head` with your name. It ends the warning on this device.
        """,
      options: [
        .value("words", "WORDS", help: "what the other side reads out to you"),
        .flag("alone", help: "there is nobody to compare with, and you miss nothing"),
        .flag("yes", help: "with --alone: do not ask"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        guard try replica.isFreshnessUnproven() else {
          return session.output.line("nothing to confirm: this device is not newly restored")
        }
        if invocation.flag("alone") {
          try requireOwnWord(invocation)
          try replica.confirmFreshness(nil)
        } else {
          let fingerprint = try replica.headFingerprint(
            of: replica.identity.account, session.transport(replica, invocation))
          try compare(FingerprintWords(fingerprint), invocation)
          try replica.confirmFreshness(fingerprint)
        }
        session.output.line("confirmed")
      }
    }
  }

  private static func requireOwnWord(_ invocation: Invocation) throws {
    guard invocation.option("words") == nil else {
      throw Failure.usage("either --words or --alone")
    }
    if invocation.flag("yes") { return }
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure.usage("say --yes if you have looked, and miss nothing")
    }
    Session.shared.output.write(
      "Have you looked at what came back, and is all of it there? Type yes: ")
    guard readLine()?.lowercased() == "yes" else { throw unconfirmed }
  }

  private static func compare(_ words: FingerprintWords, _ invocation: Invocation) throws {
    if let said = invocation.option("words") {
      guard try words.isSaid(by: said) else { throw unconfirmed }
      return
    }
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure.usage("give what the other side reads out, --words, or say --alone")
    }
    let output = Session.shared.output
    for line in words.lines { output.line("  " + line) }
    output.write("Does the other side see the same words with `satchel device head`? Type yes: ")
    guard readLine()?.lowercased() == "yes" else { throw unconfirmed }
  }

  private static var unconfirmed: Failure {
    Failure(
      "this is not what the server shows here: nothing was confirmed",
      hint: "run `satchel sync` on both sides and compare again; if it still differs, the server "
        + "shows one of you an old account",
      exitCode: .refused)
  }
}

import Foundation
import Merge
import QRCodes
import Replica
import Signing
import SyncProtocol
import Terminal

/// `key show`, `key verify`: two people make sure that each sees the other's keys.
enum KeyCommands {
  static var all: [Command] { [show, verify] }

  private static var show: Command {
    Command(
      name: ["key", "show"],
      summary: "your fingerprint, for others to compare; or theirs, as seen here",
      details: "Read the words to each other in person or by telephone, not through this server.",
      arguments: [Argument("PERSON", .optional, help: "yourself if left out")],
      options: [
        .value("svg", "FILE", help: "write the QR code as a picture to this file"),
        .flag("qr", help: "show the QR code in the terminal"), .flag("json"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let account =
          try invocation.optionalArgument("PERSON")
          .map { try replica.person(named: $0) } ?? replica.identity.account
        let fingerprint = try replica.fingerprint(of: account)
        if invocation.flag("json") {
          session.output.json(try json(fingerprint, replica))
        } else {
          session.output.line("\(replica.markedName(account))  account \(account.hex.prefix(16))")
          for line in FingerprintWords(fingerprint).lines { session.output.line("  " + line) }
          session.output.line(fingerprint.token)
        }
        if let path = invocation.option("svg") { try writePicture(fingerprint, to: path) }
        if invocation.flag("qr"), let code = QRCode(text: fingerprint.token) {
          session.output.write(code.terminalText())
        }
      }
    }
  }

  private static func writePicture(_ fingerprint: AccountFingerprint, to path: String) throws {
    guard let code = QRCode(text: fingerprint.token) else {
      preconditionFailure("a fingerprint fits in a QR code")
    }
    try NewFile.write(Array(code.svg().utf8), to: path)
  }

  private static func json(
    _ fingerprint: AccountFingerprint, _ replica: Replica
  ) throws -> JSONValue {
    .object([
      "account": .string(fingerprint.account.hex),
      "name": .string(replica.personName(fingerprint.account)),
      "words": .string(FingerprintWords(fingerprint).text),
      "token": .string(fingerprint.token),
      "verification": .string(try replica.verification(of: fingerprint.account).rawValue),
    ])
  }

  // MARK: verify

  private static var verify: Command {
    Command(
      name: ["key", "verify"], summary: "compare a person's keys with what they see themselves",
      details: """
        They run `satchel key show`. If they took a device out since, their key is another one and \
        nothing new is shared with them until you have compared it again.
        """,
      arguments: [Argument("PERSON")],
      options: [
        .value("words", "WORDS", help: "what they read out to you"),
        .value("key", "TEXT", help: "what their QR code says"),
        .flag("forget", help: "take an earlier comparison back"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let account = try replica.person(named: invocation.argument("PERSON"))
        let name = replica.personName(account)
        guard account != replica.identity.account else {
          throw Failure.usage("these are your own keys; name the person whose words you hear")
        }
        if invocation.flag("forget") {
          try replica.forgetVerification(of: account)
          return session.output.line("\(name) counts as not compared")
        }
        let fingerprint = try replica.fingerprint(of: account)
        try compare(fingerprint, name, try replica.verification(of: account), invocation)
        try replica.verify(fingerprint)
        session.output.line("\(name) is verified")
      }
    }
  }

  private static func compare(
    _ fingerprint: AccountFingerprint, _ name: String, _ before: Verification,
    _ invocation: Invocation
  ) throws {
    let words = FingerprintWords(fingerprint)
    let isSame: Bool
    if let said = invocation.option("words") {
      isSame = try words.isSaid(by: said)
    } else if let text = invocation.option("key") {
      guard let given = AccountCommands.parse(AccountFingerprint.self, text) else {
        throw Failure.usage("--key takes the whole text, from \(AccountFingerprint.prefix) on")
      }
      isSame = given == fingerprint
    } else {
      isSame = try isConfirmed(words, name, before)
    }
    guard isSame else {
      throw Failure(
        "these are not the keys that this device sees for \(name): nothing was noted",
        hint:
          "run `satchel sync` on both devices and compare again; if they still differ, do not share",
        exitCode: .refused)
    }
  }

  private static func isConfirmed(
    _ words: FingerprintWords, _ name: String, _ before: Verification
  ) throws -> Bool {
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure.usage("give what \(name) reads out, --words, or what their code says, --key")
    }
    let output = Session.shared.output
    if before == .keyChanged {
      output.warning("this is another key than the one that you compared before")
    }
    for line in words.lines { output.line("  " + line) }
    output.write("Does \(name) see the same words with `satchel key show`? Type yes: ")
    return readLine()?.lowercased() == "yes"
  }
}

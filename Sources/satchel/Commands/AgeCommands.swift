import Foundation
import Sealing
import Signing
import Terminal

/// `age`: sealing and opening age files, and keys for them. No home and no server is needed.
enum AgeCommands {
  static var all: [Command] { [encrypt, decrypt, keygen] }

  private static let input = Argument(
    "INPUT", .optional, help: "a file; standard input if left out")
  private static let outputFile = Option.value(
    "output", "FILE", letter: "o",
    help: "appears under its name once it is whole; standard output if left out")
  private static let force = Option.flag("force", help: "replace a file that is there")
  private static let passphraseFile = Option.value(
    "passphrase-file", "FILE", help: "read the passphrase from this file")

  // MARK: encrypt

  private static var encrypt: Command {
    Command(
      name: ["age", "encrypt"], summary: "seal a file as age does (age-encryption.org/v1)",
      details: """
        For one or more recipients, each of whom can open it alone, or under a passphrase. The age \
        program opens it too.
        """,
      arguments: [input],
      options: [
        .values("recipient", "AGE1", letter: "r", help: "a public key, as keygen prints it"),
        .values("recipients-file", "FILE", letter: "R", help: "public keys, one a line"),
        passphraseFile, .flag("armor", letter: "a", help: "as text, for mail and for pasting"),
        outputFile, force,
      ]
    ) { invocation in
      let form: AgeForm = invocation.flag("armor") ? .armored : .binary
      let target = invocation.option("output")
      if form == .binary, AgeOutput.isTerminal(target) {
        throw Failure.usage(
          "an age file is nothing to read", hint: "write it to a file with -o, or use --armor")
      }
      let recipients = try recipients(invocation)
      try transform(invocation, "sealing") { random, read, write in
        try AgeFile.encrypt(to: recipients, form: form, random: random, read: read, write: write)
      }
    }
  }

  private static func recipients(_ invocation: Invocation) throws -> [AgeRecipient] {
    let keys = AgeKeys(output: Session.shared.output)
    let files = invocation.options("recipients-file")
    try onlyOneReader(of: files + inputs(invocation))
    let typed = try AgeKeys.recipients(typed: invocation.options("recipient"))
    let recipients = try typed + keys.recipients(files)
    guard let path = invocation.option("passphrase-file") else {
      guard !recipients.isEmpty else {
        throw Failure.usage("for whom?", hint: "give -r AGE1, -R FILE or --passphrase-file FILE")
      }
      return recipients.map { .key($0) }
    }
    guard recipients.isEmpty else {
      throw Failure.usage("an age file has recipients or a passphrase, not both")
    }
    return [
      .passphrase(try keys.passphrase(path), workFactor: AgeRecipient.defaultWorkFactor)
    ]
  }

  // MARK: decrypt

  private static var decrypt: Command {
    Command(
      name: ["age", "decrypt"], summary: "open an age file, in armor or not",
      details: """
        Every piece is verified before it is given out. With -o the file appears once all of it was \
        verified. On standard output a verified beginning may stand when the rest turns out to be \
        altered or missing; the exit code is 1 then.
        """,
      arguments: [input],
      options: [
        .values("identity", "FILE", letter: "i", help: "a key file, as keygen writes it"),
        passphraseFile, outputFile, force,
      ]
    ) { invocation in
      let identities = try identities(invocation)
      try transform(invocation, "opening") { _, read, write in
        try AgeFile.decrypt(with: identities, read: read, write: write)
      }
    }
  }

  private static func identities(_ invocation: Invocation) throws -> [AgeIdentity] {
    let keys = AgeKeys(output: Session.shared.output)
    let files = invocation.options("identity")
    try onlyOneReader(of: files + inputs(invocation))
    guard let path = invocation.option("passphrase-file") else {
      guard !files.isEmpty else {
        throw Failure.usage("with what?", hint: "give -i KEYFILE or --passphrase-file FILE")
      }
      return try keys.identities(files).map { .key($0) }
    }
    guard files.isEmpty else { throw Failure.usage("give key files or a passphrase, not both") }
    return [
      .passphrase(try keys.passphrase(path), workFactorMax: AgeIdentity.defaultWorkFactorMax)
    ]
  }

  // MARK: keygen

  private static var keygen: Command {
    Command(
      name: ["age", "keygen"], summary: "make a key for age files",
      details: """
        The key file is as age-keygen writes it: the age program reads it. With -y the recipients of \
        a key file are printed instead.
        """,
      arguments: [input],
      options: [
        .value("output", "FILE", letter: "o", help: "a new file, readable by you alone"),
        .flag("recipients", letter: "y", help: "print the recipients of the key file INPUT"),
      ]
    ) { invocation in
      if invocation.flag("recipients") { return try printRecipients(invocation) }
      guard invocation.optionalArgument("INPUT") == nil else {
        throw Failure.usage("INPUT goes with -y only")
      }
      let session = Session.shared
      let target = invocation.option("output")
      let key = ExchangeKey(random: session.world.random)
      let output = try AgeOutput(
        target, overwrites: false, standardOutput: session.output, random: session.world.random)
      let file = AgeKeyFile.encode(
        key, created: TimeText.machineText(Int64(session.world.nowMilliseconds())))
      try file.withUnsafeBytes(output.write)
      try output.finish()
      if !AgeOutput.isTerminal(target) {
        session.output.note("public key: \(key.publicKey.ageRecipient)")
      }
    }
  }

  private static func printRecipients(_ invocation: Invocation) throws {
    let session = Session.shared
    let output = try AgeOutput(
      invocation.option("output"), overwrites: false, standardOutput: session.output,
      random: session.world.random)
    for key in try AgeKeys(output: session.output).identities(inputs(invocation)) {
      try Array("\(key.publicKey.ageRecipient)\n".utf8).withUnsafeBytes(output.write)
    }
    try output.finish()
  }

  // MARK: Both

  private static func inputs(_ invocation: Invocation) -> [String] {
    [invocation.optionalArgument("INPUT") ?? InputFile.standardInput]
  }

  private static func onlyOneReader(of paths: [String]) throws(Failure) {
    guard paths.filter({ $0 == InputFile.standardInput }).count < 2 else {
      throw Failure.usage("standard input can be read for one thing only")
    }
  }

  /// Reads the input, and writes what `body` makes of it.
  private static func transform(
    _ invocation: Invocation, _ label: String,
    _ body: (any RandomSource, AgeFile.Source, AgeFile.Sink) throws -> Void
  ) throws {
    let session = Session.shared
    let source = try InputFile(invocation.optionalArgument("INPUT"))
    let target = try AgeOutput(
      invocation.option("output"), overwrites: invocation.flag("force"),
      standardOutput: session.output, random: session.world.random)
    let progress = ProgressLine(label, unit: .bytes)
    defer { progress.finish() }
    do {
      try body(session.world.random, source.read) { bytes in
        try target.write(bytes)
        progress.update(target.byteCount)
      }
      try target.finish()
    } catch let error as AgeError {
      progress.finish()
      throw failure(error, target)
    }
  }

  /// Says what became of what was opened before.
  private static func failure(_ error: AgeError, _ target: AgeOutput) -> Failure {
    var failure = error.failure
    guard target.byteCount > 0 else { return failure }
    failure.message +=
      target.isStream
      ? "; the \(target.byteCount) bytes that were written are a verified beginning, no more"
      : "; nothing was kept of what was opened before that"
    return failure
  }
}

import Foundation
import Replica
import Sealing
import Signing
import SyncProtocol
import Terminal
import Words

/// A recovery kit as somebody brings it: the page's text, what a reader makes of its QR code, or words
/// typed by hand.
enum KitInput {
  static let options: [Option] = [
    .value("kit", "FILE", help: "the kit's text; - reads it from standard input"),
    .value("code", "CODE", help: "the kit's code, where the words are typed"),
  ]

  /// Reads words and code, and hands over what they stand for.
  static func withKit<Result>(
    _ invocation: Invocation, _ body: (KitKeys, KitCode) throws -> Result
  ) throws -> Result {
    if let path = invocation.option("kit") {
      return try SecretFile.read(path) { try withKit($0, invocation, body) }
    }
    guard invocation.option("code") != nil else {
      throw Failure.usage("give the kit: --kit FILE, or --code CODE and type the words")
    }
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure.usage("there is no terminal to type the words on: give --kit FILE, or --kit -")
    }
    return try PasswordReader(.terminal, output: Session.shared.output)
      .withPassword(prompt: "The kit's words") { try withKit($0, invocation, body) }
  }

  private static func withKit<Result>(
    _ text: UnsafeRawBufferPointer, _ invocation: Invocation,
    _ body: (KitKeys, KitCode) throws -> Result
  ) throws -> Result {
    let tokens = text.split { $0 <= UInt8(ascii: " ") }.map { UnsafeRawBufferPointer(rebasing: $0) }
    let prefix = Array(KitCode.prefix.utf8)
    let written = tokens.first { $0.starts(with: prefix) }.map {
      String(decoding: $0, as: UTF8.self)
    }
    guard let token = invocation.option("code") ?? written else {
      throw Failure(
        "the kit's code is missing", hint: "it begins with \(KitCode.prefix); or give --code CODE")
    }
    guard let code = parse(token) else {
      throw Failure(
        "this is not a whole kit code", hint: "copy all of it, from \(KitCode.prefix) on",
        exitCode: .usage)
    }
    let keys = try words(tokens.filter { !$0.starts(with: prefix) }).withBytes(self.keys)
    return try body(keys, code)
  }

  private static func parse(_ token: String) -> KitCode? {
    do { return try KitCode(token: token) } catch { return nil }
  }

  /// On a page each word stands after its number; words that were typed are all there is.
  private static func words(_ all: [UnsafeRawBufferPointer]) -> SecretText {
    var numbered: [(number: Int, word: UnsafeRawBufferPointer)] = []
    // What stands before them on the page may have numbers too.
    let start = all.firstIndex { $0.elementsEqual("checksum:".utf8) }.map { $0 + 1 } ?? 0
    let tokens = Array(all[start...])
    for (place, token) in tokens.enumerated() where place + 1 < tokens.count {
      guard let number = number(token) else { continue }
      numbered.append((number, tokens[place + 1]))
    }
    let text = SecretText(capacity: Mnemonic.textByteCountMax)
    let words = numbered.isEmpty ? tokens : numbered.sorted { $0.number < $1.number }.map(\.word)
    for word in words {
      text.append(word)
      text.append(" ")
    }
    return text
  }

  /// `7.`
  private static func number(_ token: UnsafeRawBufferPointer) -> Int? {
    guard token.last == UInt8(ascii: "."), (2...3).contains(token.count) else { return nil }
    return Int(String(decoding: token.dropLast(), as: UTF8.self))
  }

  private static func keys(_ text: UnsafeRawBufferPointer) throws -> KitKeys {
    let mnemonic: Mnemonic
    do throws(MnemonicError) {
      mnemonic = try Mnemonic(text: text)
    } catch {
      throw failure(error)
    }
    guard let keys = mnemonic.withEntropy({ KitKeys(entropy: $0) }) else {
      throw failure(.wordCount(mnemonic.wordCount))
    }
    return keys
  }

  private static func failure(_ error: MnemonicError) -> Failure {
    switch error {
    case .wordCount(let count): Failure("a recovery kit has 24 words, not \(count)")
    case .unknownWord(let position, let near):
      Failure(
        "word \(position) of the recovery kit is not on the list of words",
        hint: near.isEmpty ? nil : "perhaps \(near.joined(separator: ", "))")
    case .checksumWrong:
      Failure(
        "the words of the recovery kit do not fit together",
        hint: "one of them is another, or two have changed places")
    }
  }
}

import Foundation
import Sealing
import Signing
import Terminal

/// Keys and passphrases for age files, read from files into secret memory: never from the command
/// line, which other users can see.
struct AgeKeys {
  let output: Output

  /// The identities of key files, in order; “-” is standard input.
  func identities(_ paths: [String]) throws -> [ExchangeKey] {
    try paths.flatMap { path in
      try withFile(path) { bytes in
        try parsed(path, bytes, "key", "keys begin with AGE-SECRET-KEY-1, one a line") {
          bytes throws(AgeError) in
          try AgeKeyFile.identities(in: bytes)
        }
      }
    }
  }

  /// The recipients of files, in order; “-” is standard input.
  func recipients(_ paths: [String]) throws -> [ExchangePublicKey] {
    try paths.flatMap { path in
      try withFile(path) { bytes in
        try parsed(path, bytes, "recipient", "recipients begin with age1, one a line") {
          bytes throws(AgeError) in
          try AgeKeyFile.recipients(in: bytes)
        }
      }
    }
  }

  /// Recipients as typed.
  static func recipients(typed texts: [String]) throws(Failure) -> [ExchangePublicKey] {
    var keys: [ExchangePublicKey] = []
    for text in texts {
      do throws(AgeError) {
        keys.append(try ExchangePublicKey(ageRecipient: text))
      } catch {
        // It may be a secret key, which must not be repeated.
        guard text.hasPrefix("age1") else {
          throw Failure.usage(
            "a recipient begins with age1",
            hint: "secret keys have no place on a command line; `satchel age keygen -y` prints the "
              + "recipient of a key file")
        }
        throw Failure.usage("\(text) is not a whole recipient", hint: "copy all of it")
      }
    }
    return keys
  }

  /// The one of a file, without the line end.
  func passphrase(_ path: String) throws -> Passphrase {
    try PasswordReader(.file(path: path), noun: "passphrase", output: output).withPassword {
      Passphrase(copying: SecretBytes(copying: $0))
    }
  }

  private func parsed<Key>(
    _ path: String, _ bytes: UnsafeRawBufferPointer, _ noun: String, _ hint: String,
    _ parse: (UnsafeRawBufferPointer) throws(AgeError) -> [Key]
  ) throws(Failure) -> [Key] {
    do throws(AgeError) {
      return try parse(bytes)
    } catch {
      guard !Self.isAgeFile(bytes) else {
        throw Failure(
          "\(path) is itself an age file",
          hint: "open it first: satchel age decrypt --passphrase-file FILE \(path)")
      }
      guard case .keyFileMalformed(let line) = error, line > 0 else {
        throw Failure("there is no \(noun) in \(path)", hint: hint)
      }
      throw Failure("line \(line) of \(path) is no X25519 \(noun) of age", hint: hint)
    }
  }

  private static func isAgeFile(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.starts(with: "age-encryption.org/".utf8)
      || bytes.starts(with: "-----BEGIN AGE ENCRYPTED FILE".utf8)
  }

  private func withFile<Result>(
    _ path: String, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let file = try InputFile(path)
    // One byte more than is possible shows that there is too much.
    var bytes = SecretBytes(count: AgeKeyFile.byteCountMax + 1)
    let count = try bytes.withUnsafeMutableBytes { (space) throws(Failure) in
      var filled = 0
      while filled < space.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: space[filled...])
        let count = try file.read(into: rest)
        if count == 0 { break }
        filled += count
      }
      return filled
    }
    guard count <= AgeKeyFile.byteCountMax else {
      throw Failure("\(path) is too long for a file of keys")
    }
    return try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }
}

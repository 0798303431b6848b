import Foundation
import Sealing
import Signing
import TestSupport
import Testing

/// Both ways with the stock age tool.
@Suite(.enabled(if: Tool.isPresent("/usr/bin/age"), "the age tool is not installed"))
struct AgeToolTests {
  static let age = "/usr/bin/age"
  static let byteCounts = [0, 1, 65_535, 65_536, 65_537, 200_000]

  private let random = SeededRandom(seed: 11)

  @Test(arguments: byteCounts)
  func toolOpensOurs(_ byteCount: Int) throws {
    let keys = (0..<3).map { _ in ExchangeKey(random: random) }
    let plaintext = random.bytes(byteCount)
    let form: AgeForm = byteCount.isMultiple(of: 2) ? .binary : .armored
    let file = try AgeFileRunner.encrypt(
      plaintext, to: keys.map { .key($0.publicKey) }, form: form, random: random,
      pieceByteCount: 30_000)
    for key in keys {
      let outcome = try withKeyFile(key) { path in
        try Tool.run(Self.age, ["-d", "-i", path], input: file)
      }
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output == plaintext)
    }
  }

  @Test(arguments: byteCounts)
  func weOpenTheTools(_ byteCount: Int) throws {
    let keys = (0..<3).map { _ in ExchangeKey(random: random) }
    let plaintext = random.bytes(byteCount)
    var arguments = keys.flatMap { ["-r", $0.publicKey.ageRecipient] }
    if !byteCount.isMultiple(of: 2) { arguments.append("-a") }
    let file = try Tool.run(Self.age, arguments, input: plaintext)
    #expect(file.status == 0, "\(file.errors)")
    for key in keys {
      let outcome = try AgeFileRunner.decrypt(
        file.output, with: [.key(ExchangeKey(random: random)), .key(key)], pieceByteCount: 50_000)
      #expect(outcome.error == nil)
      #expect(outcome.plaintext == plaintext)
    }
  }

  @Test func toolOpensAnExport() throws {
    let fileKey = FileKey(random: random)
    let key = ExchangeKey(random: random)
    let plaintext = random.bytes(100_000)
    let payload = PayloadRunner.seal(plaintext, fileKey: fileKey, random: random)
    // A fresh header, and the payload as it is.
    let file =
      try AgeHeader.encode(fileKey: fileKey, recipients: [.key(key.publicKey)], random: random)
      + payload
    let outcome = try withKeyFile(key) { try Tool.run(Self.age, ["-d", "-i", $0], input: file) }
    #expect(outcome.output == plaintext)
  }

  @Test(.enabled(if: Tool.isPresent("/usr/bin/age-keygen")))
  func weReadTheToolsKeyFile() throws {
    let file = try Tool.run("/usr/bin/age-keygen", [])
    let keys = try file.output.withUnsafeBytes { try AgeKeyFile.identities(in: $0) }
    let key = try #require(keys.first)
    let text = String(decoding: file.output, as: UTF8.self)
    #expect(text.contains("# public key: \(key.publicKey.ageRecipient)\n"))
  }

  /// The tool reads a passphrase from a terminal only, so it gets one.
  @Test(.enabled(if: Tool.isPresent("/usr/bin/python3")))
  func toolOpensOurPassphraseFile() throws {
    let passphrase = Passphrase(copying: SecretBytes(Array("correct horse".utf8)))
    let file = try AgeFileRunner.encrypt(
      Array("battery staple".utf8), to: [.passphrase(passphrase, workFactor: 10)], random: random)
    let output = try Tool.inTemporaryFolder { folder in
      let source = folder.appendingPathComponent("file.age")
      let target = folder.appendingPathComponent("file")
      try Data(file).write(to: source)
      let outcome = try Tool.run(
        "/usr/bin/python3",
        ["-c", Self.terminalScript, Self.age, "-d", "-o", target.path, source.path])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try Data(contentsOf: target)
    }
    #expect(String(decoding: output, as: UTF8.self) == "battery staple")
  }

  private static let terminalScript = """
    import os, pty, sys
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.argv[1], sys.argv[1:])
    seen = b""
    try:
        while True:
            data = os.read(terminal, 1024)
            if not data:
                break
            if b":" in data and not seen:
                seen = data
                os.write(terminal, b"correct horse\\n")
    except OSError:
        pass
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    """

  private func withKeyFile<Result>(
    _ key: ExchangeKey, _ body: (String) throws -> Result
  ) throws -> Result {
    try Tool.inTemporaryFolder { folder in
      let path = folder.appendingPathComponent("key.txt").path
      try Data(AgeKeyFile.encode(key).array()).write(to: URL(fileURLWithPath: path))
      return try body(path)
    }
  }
}

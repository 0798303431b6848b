import Foundation
import Synchronization
import Testing

@testable import Terminal

@Suite struct PasswordTests {
  private func read(_ source: PasswordSource, warn: @escaping @Sendable (String) -> Void = { _ in })
    throws -> String
  {
    try PasswordReader(source, terminalPath: "/dev/null", warn: warn).withPassword {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test(arguments: [
    ("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"),
    ("secret\n\n", "secret\n"), (" spaced ", " spaced "), ("two\nlines\n", "two\nlines"),
    ("pässwörd 🔑", "pässwörd 🔑"), ("a\r", "a\r"),
  ])
  func fileGivesItsTextLessOneLineEnd(content: String, password: String) throws {
    let file = try TemporaryFile(Array(content.utf8))
    #expect(try read(.file(path: file.path)) == password)
  }

  @Test(arguments: ["", "\n", "\r\n"])
  func emptyPasswordIsRefused(content: String) throws {
    let file = try TemporaryFile(Array(content.utf8))
    let failure = failure { try read(.file(path: file.path)) }
    #expect(failure?.message == "the password is empty")
  }

  @Test func lengthIsLimited() throws {
    let longest = String(repeating: "a", count: 4096)
    let fits = try TemporaryFile(Array((longest + "\r\n").utf8))
    #expect(try read(.file(path: fits.path)) == longest)
    for tail in ["a", "a\n", "a\r\n", String(repeating: "a", count: 100_000)] {
      let over = try TemporaryFile(Array((longest + tail).utf8))
      let failure = failure { try read(.file(path: over.path)) }
      #expect(failure?.message == "the password is longer than 4096 bytes")
    }
  }

  @Test(arguments: [(0o600, 0), (0o400, 0), (0o644, 1), (0o640, 1), (0o604, 1)] as [(mode_t, Int)])
  func readableFileIsWarnedAbout(mode: mode_t, warningCount: Int) throws {
    let file = try TemporaryFile(Array("x".utf8), mode: mode)
    let warnings = Mutex<[String]>([])
    _ = try read(.file(path: file.path)) { text in warnings.withLock { $0.append(text) } }
    #expect(warnings.withLock(\.count) == warningCount)
  }

  @Test func missingFileIsNamed() {
    let failure = failure { try read(.file(path: "/nonexistent/x")) }
    let message = "cannot read the password file /nonexistent/x: No such file or directory"
    #expect(failure?.message == message)
  }

  @Test func directoryIsRefused() {
    #expect(failure { try read(.file(path: "/tmp")) } != nil)
  }

  @Test func descriptorIsReadToItsEnd() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    for part in ["sec", "ret\n"] { _ = Foundation.write(ends[1], part, part.utf8.count) }
    close(ends[1])
    #expect(try read(.descriptor(ends[0])) == "secret")
    close(ends[0])
    #expect(failure { try read(.descriptor(9999)) } != nil)
  }

  @Test func withoutATerminalTheHintSaysWhatToDo() {
    let failure = failure { try read(.terminal) }
    #expect(failure?.hint?.contains("--password-file") == true)
  }

  @Test func sourceIsChosen() throws {
    let variable = ["SATCHEL_PASSWORD_FILE": "/e"]
    #expect(try PasswordSource(file: nil, descriptor: nil, environment: [:]) == .terminal)
    let empty = ["SATCHEL_PASSWORD_FILE": ""]
    #expect(try PasswordSource(file: nil, descriptor: nil, environment: empty) == .terminal)
    let fromVariable = try PasswordSource(file: nil, descriptor: nil, environment: variable)
    #expect(fromVariable == .file(path: "/e"))
    let fromOption = try PasswordSource(file: "/o", descriptor: nil, environment: variable)
    #expect(fromOption == .file(path: "/o"))
    let fromNumber = try PasswordSource(file: nil, descriptor: "3", environment: variable)
    #expect(fromNumber == .descriptor(3))
    for text in ["x", "-1", "99999999999", ""] {
      let failure = failure {
        try PasswordSource(file: nil, descriptor: text, environment: [:])
      }
      #expect(failure?.exitCode == .usage)
    }
    let both = failure { try PasswordSource(file: "/a", descriptor: "3", environment: [:]) }
    #expect(both?.exitCode == .usage)
  }

  @Test func bufferIsWiped() {
    let buffer = WipedBuffer(capacity: 8)
    for byte in Array("secret".utf8) { #expect(buffer.append(byte)) }
    let bytes = buffer.bytes
    buffer.wipe()
    #expect(bytes.allSatisfy { $0 == 0 })
    #expect(buffer.count == 0)
    for _ in 0..<8 { #expect(buffer.append(1)) }
    #expect(!buffer.append(1))
  }
}

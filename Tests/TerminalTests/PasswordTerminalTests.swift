import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Terminal

@Suite struct PasswordTerminalTests {
  private struct Outcome {
    let password: String?
    let failure: Failure?
    let screen: String
    let isModeRestored: Bool
  }

  /// Types each text once its prompt is there.
  private func ask(isNew: Bool = false, typing texts: [String]) throws -> Outcome {
    let terminal = try PseudoTerminal()
    let before = terminal.mode
    let result = Mutex<Result<String, Failure>?>(nil)
    let isDone = DispatchSemaphore(value: 0)
    let path = terminal.path
    Thread.detachNewThread {
      let reader = PasswordReader(.terminal, terminalPath: path, warn: { _ in })
      do {
        let password = try reader.withPassword(prompt: "Password", isNew: isNew) {
          String(decoding: $0, as: UTF8.self)
        }
        result.withLock { $0 = .success(password) }
      } catch {
        result.withLock { $0 = .failure(error as? Failure ?? Failure("\(error)")) }
      }
      isDone.signal()
    }
    var screen = ""
    for (index, text) in texts.enumerated() {
      screen += terminal.screen(through: index == 0 ? "Password: " : "Password again: ")
      terminal.type(text)
    }
    try #require(isDone.wait(timeout: .now() + 10) == .success)
    screen += terminal.screen(through: "\n")
    let after = terminal.mode
    let outcome = try #require(result.withLock { $0 })
    let isRestored =
      before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag
      && before.c_lflag & tcflag_t(ECHO) != 0
    switch outcome {
    case .success(let password):
      return Outcome(password: password, failure: nil, screen: screen, isModeRestored: isRestored)
    case .failure(let failure):
      return Outcome(password: nil, failure: failure, screen: screen, isModeRestored: isRestored)
    }
  }

  @Test func passwordIsReadWithoutEcho() throws {
    let outcome = try ask(typing: ["hunter2 ü\n"])
    #expect(outcome.password == "hunter2 ü")
    #expect(outcome.screen == "Password: \r\n")
    #expect(outcome.isModeRestored)
  }

  @Test func newPasswordIsAskedTwice() throws {
    let same = try ask(isNew: true, typing: ["one\n", "one\n"])
    #expect(same.password == "one")
    #expect(!same.screen.contains("one"))
    let different = try ask(isNew: true, typing: ["one\n", "two\n"])
    #expect(different.failure?.message == "the two passwords differ")
    #expect(different.isModeRestored)
  }

  @Test(arguments: [
    ("ax\u{7f}b\n", "ab"), ("aü\u{7f}b\n", "ab"), ("a漢\u{8}\u{8}b\n", "b"),
    ("\u{7f}\u{7f}a\n", "a"),
    ("wrong\u{15}right\n", "right"), ("a\u{4}b\r", "ab"),
  ])
  func lineCanBeEdited(typed: String, password: String) throws {
    #expect(try ask(typing: [typed]).password == password)
  }

  @Test(arguments: ["\u{3}", "half\u{3}", "\u{4}"])
  func givingUpRestoresTheTerminal(typed: String) throws {
    let outcome = try ask(typing: [typed])
    #expect(outcome.failure?.message == "interrupted")
    #expect(outcome.isModeRestored)
  }

  @Test func emptyLineIsRefused() throws {
    #expect(try ask(typing: ["\n"]).failure?.message == "the password is empty")
  }
}

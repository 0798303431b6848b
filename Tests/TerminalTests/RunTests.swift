import Foundation
import Testing

@testable import Terminal

@Suite struct RunTests {
  private struct Outcome {
    let code: ExitCode
    let output: String
    let errors: String
  }

  private struct ForeignError: Error, CustomStringConvertible {
    let description = "something\nforeign"
  }

  private func run(
    _ arguments: [String], mapped: Failure? = nil,
    body: @escaping @Sendable (Output) throws -> Void = { _ in }
  ) -> Outcome {
    let out = CapturingPipe()
    let err = CapturingPipe()
    let output = Output(standardOutput: out.writingEnd, standardError: err.writingEnd)
    let tree = CommandTree(
      program: "tool", version: "1", summary: "Test.",
      commands: [Command(name: ["go"], summary: "Goes.") { _ in try body(output) }])
    let code = tree.run(arguments, output: output, failure: { _ in mapped })
    return Outcome(code: code, output: out.text(), errors: err.text())
  }

  @Test func doneIsQuietAndZero() {
    let outcome = run(["go"]) { $0.line("hello") }
    #expect(outcome.code == .done)
    #expect(outcome.output == "hello\n")
    #expect(outcome.errors.isEmpty)
  }

  @Test func failureIsShownWithItsHintAndCode() {
    let outcome = run(["go"]) { _ in
      throw Failure("the vault is locked", hint: "satchel unlock", exitCode: .notAllowed)
    }
    #expect(outcome.code.rawValue == 3)
    #expect(outcome.errors == "error: the vault is locked\nhint: satchel unlock\n")
    #expect(outcome.output.isEmpty)
  }

  @Test func usageFailureIsTwo() {
    let outcome = run(["gone"])
    #expect(outcome.code.rawValue == 2)
    #expect(outcome.errors == "error: unknown command: gone\nhint: see “tool --help”\n")
  }

  @Test func foreignErrorIsMappedOrDescribed() {
    let plain = run(["go"]) { _ in throw ForeignError() }
    #expect(plain.code == .failed)
    #expect(plain.errors == "error: something\\nforeign\n")
    let noServer = Failure("no server", exitCode: .notReachable)
    let mapped = run(["go"], mapped: noServer) { _ in throw ForeignError() }
    #expect(mapped.code.rawValue == 4)
  }

  @Test func helpGoesToStandardOutput() {
    let outcome = run(["--help"])
    #expect(outcome.code == .done)
    #expect(outcome.output.hasPrefix("Test.\n"))
  }

  @Test func namesCannotActOnTheTerminal() {
    let outcome = run(["go"]) { output in
      output.line("a\u{1b}[2Jb")
      output.note("n\rote")
      output.warning("w\u{9b}arning")
      throw Failure("no \u{7}bell")
    }
    #expect(outcome.output == "a\\u{1b}[2Jb\n")
    let expected = "n\\rote\nwarning: w\\u{9b}arning\nerror: no \\u{7}bell\n"
    #expect(outcome.errors == expected)
  }

  @Test func quietLeavesNotesOut() {
    let err = CapturingPipe()
    let output = Output(isQuiet: true, standardOutput: 1, standardError: err.writingEnd)
    output.note("note")
    output.warning("careful")
    #expect(err.text() == "warning: careful\n")
  }

  @Test func readerThatLeavesEarlyIsNoFailure() {
    let out = CapturingPipe()
    out.closeReadingEnd()
    let output = Output(standardOutput: out.writingEnd, standardError: 2)
    output.line("nobody reads this")
    output.line("nor this")
    #expect(output.writeProblem == nil)
    close(out.writingEnd)
  }

  @Test func streamThatIsCutIsAFailure() throws {
    let out = CapturingPipe()
    let output = Output(standardOutput: out.writingEnd, standardError: 2)
    let bytes: [UInt8] = Array("part".utf8)
    #expect(failure { try bytes.withUnsafeBytes { try output.stream($0) } } == nil)
    out.closeReadingEnd()
    let cut = failure { try bytes.withUnsafeBytes { try output.stream($0) } }
    #expect(cut?.message == "standard output was closed before everything was written")
    close(out.writingEnd)
  }

  @Test func fullDeviceIsAFailure() throws {
    let full = open("/dev/full", O_WRONLY)
    try #require(full >= 0)
    defer { close(full) }
    let output = Output(standardOutput: full, standardError: 2)
    output.line("lost")
    #expect(output.writeProblem?.exitCode == .failed)
  }

  @Test func bytesAreWrittenAsTheyAre() {
    let out = CapturingPipe()
    let output = Output(standardOutput: out.writingEnd, standardError: 2)
    let bytes: [UInt8] = Array("a\u{1b}b".utf8)
    bytes.withUnsafeBytes { output.write($0) }
    #expect(out.text() == "a\u{1b}b")
  }
}

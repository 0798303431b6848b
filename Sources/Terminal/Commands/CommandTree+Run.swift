extension CommandTree {
  /// Reads the command line, runs the command, and reports what went wrong.
  ///
  /// - Parameters:
  ///   - arguments: without the program's own name.
  ///   - failure: turns the program's own errors into failures; nil for those it does not know,
  ///     which are shown as they describe themselves.
  /// - Returns: what the process is to exit with.
  public func run(
    _ arguments: [String], output: Output = .standard,
    failure: (any Error) -> Failure? = { _ in nil }
  ) -> ExitCode {
    do {
      switch try parse(arguments) {
      case .show(let text): output.write(text)
      case .run(let invocation): try invocation.command.run(invocation)
      }
    } catch {
      let shown = (error as? Failure) ?? failure(error) ?? Failure("\(error)")
      output.report(shown)
      return shown.exitCode
    }
    guard let problem = output.writeProblem else { return .done }
    output.report(problem)
    return problem.exitCode
  }
}

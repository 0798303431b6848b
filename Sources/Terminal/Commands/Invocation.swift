/// A command line that fits its command, taken apart.
///
/// Asking for a name that the command did not declare is a bug of the program, and traps.
public struct Invocation: Sendable {
  public let command: Command
  private let declaredOptions: [Option]
  private let positionals: [String: [String]]
  private let values: [String: [String]]
  private let flags: Set<String>

  init(
    command: Command, declaredOptions: [Option], positionals: [String: [String]],
    values: [String: [String]], flags: Set<String>
  ) {
    self.command = command
    self.declaredOptions = declaredOptions
    self.positionals = positionals
    self.values = values
    self.flags = flags
  }

  /// The argument's value; throws a usage failure that names it when it was left out.
  public func argument(_ name: String) throws(Failure) -> String {
    guard let value = optionalArgument(name) else {
      throw Failure.usage("missing argument: \(name)")
    }
    return value
  }

  public func optionalArgument(_ name: String) -> String? { arguments(name).first }

  /// All values of a repeating argument, in order.
  public func arguments(_ name: String) -> [String] {
    precondition(command.arguments.contains { $0.name == name }, "undeclared argument \(name)")
    return positionals[name] ?? []
  }

  public func option(_ name: String) -> String? { options(name).last }

  /// All values of a repeated option, in order.
  public func options(_ name: String) -> [String] {
    precondition(
      declaredOptions.contains { $0.name == name && $0.kind != .flag }, "undeclared option \(name)")
    return values[name] ?? []
  }

  /// The option's value; throws a usage failure that names it when it was not given.
  public func requiredOption(_ name: String) throws(Failure) -> String {
    guard let value = option(name) else { throw Failure.usage("missing option: --\(name)") }
    return value
  }

  public func flag(_ name: String) -> Bool {
    precondition(
      declaredOptions.contains { $0.name == name && $0.kind == .flag }, "undeclared flag \(name)")
    return flags.contains(name)
  }

  /// The option's value as a whole number within bounds; nil when it was not given.
  public func integer(_ name: String, in bounds: ClosedRange<Int>) throws(Failure) -> Int? {
    guard let text = option(name) else { return nil }
    guard let value = Int(text), bounds.contains(value) else {
      throw Failure.usage(
        "--\(name) takes a whole number from \(bounds.lowerBound) to \(bounds.upperBound),"
          + " not “\(text)”")
    }
    return value
  }
}

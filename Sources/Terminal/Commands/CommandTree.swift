/// All commands of a program, and the parser for its command line.
///
/// A command is called by its words; options stand anywhere after them, global ones also before.
/// `--` ends the options. `--help` or `-h` anywhere, or `help` before the words, shows help.
public struct CommandTree: Sendable {
  public let program: String
  public let version: String
  /// One sentence for the program's own help.
  public let summary: String
  public let commands: [Command]
  /// Taken by every command.
  public let globalOptions: [Option]

  public init(
    program: String, version: String, summary: String, commands: [Command],
    globalOptions: [Option] = []
  ) {
    let names = commands.map { $0.name.joined(separator: " ") }
    precondition(Set(names).count == names.count, "two commands have one name")
    self.program = program
    self.version = version
    self.summary = summary
    self.commands = commands
    self.globalOptions = globalOptions
  }

  /// What a command line asks for.
  public enum Request: Sendable {
    case run(Invocation)
    /// Text for standard output.
    case show(String)
  }

  /// - Parameter arguments: without the program's own name.
  public func parse(_ arguments: [String]) throws(Failure) -> Request {
    var parser = CommandLineParser(tree: self, arguments: arguments)
    return try parser.parse()
  }

  func command(_ path: [String]) -> Command? { commands.first { $0.name == path } }

  /// Whether some command's name starts with these words.
  func hasCommands(under path: [String]) -> Bool {
    commands.contains { $0.name.starts(with: path) }
  }

  /// The words that may follow these, each once, in the order of declaration.
  func words(after path: [String]) -> [String] {
    var words: [String] = []
    for command in commands where command.name.count > path.count {
      guard command.name.starts(with: path) else { continue }
      let word = command.name[path.count]
      if !words.contains(word) { words.append(word) }
    }
    return words
  }

  func options(of command: Command?) -> [Option] { (command?.options ?? []) + globalOptions }
}

/// One reading of a command line, from left to right.
struct CommandLineParser {
  private let tree: CommandTree
  private var rest: ArraySlice<String>
  private var path: [String] = []
  private var positionals: [String] = []
  private var values: [String: [String]] = [:]
  private var flags: Set<String> = []
  private var wantsHelp = false
  private var wantsVersion = false
  private var isAfterOptions = false

  init(tree: CommandTree, arguments: [String]) {
    self.tree = tree
    rest = arguments[...]
  }

  mutating func parse() throws(Failure) -> CommandTree.Request {
    if rest.first == "help" {
      rest = rest.dropFirst()
      wantsHelp = true
    }
    while let word = rest.popFirst() {
      if !isAfterOptions, word == "--" {
        isAfterOptions = true
      } else if !isAfterOptions, word.hasPrefix("-"), word != "-" {
        try takeOption(word)
      } else {
        takeWord(word)
      }
    }
    if wantsHelp { return try help() }
    if wantsVersion { return .show("\(tree.program) \(tree.version)\n") }
    return .run(try invocation())
  }

  private mutating func takeWord(_ word: String) {
    // A word continues the command's name for as long as it can; then all words are arguments.
    if positionals.isEmpty, !isAfterOptions, tree.hasCommands(under: path + [word]) {
      path.append(word)
    } else {
      positionals.append(word)
    }
  }

  private mutating func takeOption(_ word: String) throws(Failure) {
    if word == "--help" || word == "-h" {
      wantsHelp = true
      return
    }
    if word == "--version", path.isEmpty {
      wantsVersion = true
      return
    }
    let options = tree.options(of: tree.command(path))
    guard word.hasPrefix("--") else {
      let letter = word.dropFirst()
      guard let option = options.first(where: { $0.letter.map { letter == "\($0)" } ?? false })
      else { throw unknownOption(word) }
      return try take(option, inlineValue: nil)
    }
    let parts = word.dropFirst(2).split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = options.first(where: { $0.name == name }) else {
      throw unknownOption("--\(name)")
    }
    try take(option, inlineValue: parts.count == 2 ? String(parts[1]) : nil)
  }

  private mutating func take(_ option: Option, inlineValue: String?) throws(Failure) {
    switch option.kind {
    case .flag:
      guard inlineValue == nil else {
        throw Failure.usage("--\(option.name) takes no value")
      }
      flags.insert(option.name)
    case .value, .values:
      // What follows is the value whatever it looks like, so that a value may start with a hyphen.
      guard let value = inlineValue ?? rest.popFirst() else {
        throw Failure.usage("--\(option.name) needs a value", hint: "write \(option.usage)")
      }
      if case .value = option.kind, values[option.name] != nil {
        throw Failure.usage("--\(option.name) is given twice")
      }
      values[option.name, default: []].append(value)
    }
  }

  private func unknownOption(_ word: String) -> Failure {
    let names = tree.options(of: tree.command(path)).map { "--\($0.name)" } + ["--help"]
    return Failure.usage("unknown option: \(word)", hint: hint(for: word, among: names))
  }

  private func unknownCommand(_ word: String) -> Failure {
    let group = path.isEmpty ? "" : path.joined(separator: " ") + " "
    let candidates = tree.words(after: path)
    return Failure.usage(
      "unknown command: \(group)\(word)", hint: hint(for: word, among: candidates))
  }

  private func hint(for word: String, among candidates: [String]) -> String {
    if let nearest = Suggestion.nearest(to: word, among: candidates) {
      return "did you mean “\(nearest)”?"
    }
    return "see “\(([tree.program] + path).joined(separator: " ")) --help”"
  }

  private func help() throws(Failure) -> CommandTree.Request {
    if let word = positionals.first, tree.command(path) == nil { throw unknownCommand(word) }
    return .show(Help(tree: tree).text(for: path))
  }

  private func invocation() throws(Failure) -> Invocation {
    guard let command = tree.command(path) else {
      if let word = positionals.first { throw unknownCommand(word) }
      throw Failure.usage(
        "missing command",
        hint: "see “\(([tree.program] + path).joined(separator: " ")) --help”")
    }
    return Invocation(
      command: command, declaredOptions: tree.options(of: command),
      positionals: try assign(to: command), values: values, flags: flags)
  }

  /// Gives the words to the declared arguments, in order.
  private func assign(to command: Command) throws(Failure) -> [String: [String]] {
    var assigned: [String: [String]] = [:]
    var words = positionals[...]
    for argument in command.arguments {
      let isRepeating =
        switch argument.occurrence {
        case .repeating, .any: true
        case .required, .optional: false
        }
      let taken = isRepeating ? words : words.prefix(1)
      words = words.dropFirst(taken.count)
      if !taken.isEmpty {
        assigned[argument.name] = Array(taken)
        continue
      }
      switch argument.occurrence {
      case .required, .repeating:
        throw Failure.usage(
          "missing argument: \(argument.name)", hint: Help(tree: tree).usageLine(command))
      case .optional, .any: break
      }
    }
    guard let extra = words.first else { return assigned }
    if command.arguments.isEmpty, !tree.words(after: path).isEmpty { throw unknownCommand(extra) }
    throw Failure.usage("unexpected argument: \(extra)", hint: Help(tree: tree).usageLine(command))
  }
}

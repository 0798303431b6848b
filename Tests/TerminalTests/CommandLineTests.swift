import Testing

@testable import Terminal

@Suite struct CommandLineTests {
  static let tree = CommandTree(
    program: "tool", version: "1.2", summary: "A tool for tests.",
    commands: [
      Command(
        name: ["vault", "add"], summary: "Adds files.",
        arguments: [Argument("FILE", .repeating, help: "what to add")],
        options: [
          .value("to", "DIR", letter: "t", help: "where to"),
          .values("with", "PERSON", letter: "w"), .flag("quick", letter: "q"),
        ]
      ) { _ in },
      Command(
        name: ["vault", "ls"], summary: "Lists files.", arguments: [Argument("DIR", .optional)],
        options: [.value("limit", "N")]
      ) { _ in },
      Command(
        name: ["copy"], summary: "Copies.", arguments: [Argument("FROM"), Argument("TO")]
      ) { _ in },
      Command(name: ["audit"], summary: "Shows the audit trail.") { _ in },
      Command(
        name: ["audit", "verify"], summary: "Checks it.", arguments: [Argument("PART", .any)]
      ) { _ in },
    ],
    globalOptions: [.flag("json", help: "for machines"), .value("home", "DIR")])

  private func invocation(_ line: String) throws -> Invocation {
    let request = try CommandLineTests.tree.parse(line.split(separator: " ").map(String.init))
    guard case .run(let invocation) = request else { throw Failure("not a run") }
    return invocation
  }

  private func shown(_ line: String) throws -> String {
    let request = try CommandLineTests.tree.parse(line.split(separator: " ").map(String.init))
    guard case .show(let text) = request else { throw Failure("not help") }
    return text
  }

  @Test func wordsArgumentsAndOptions() throws {
    let call = try invocation("vault add a.txt --to notes b.txt --with ann --with=bob --json")
    #expect(call.command.name == ["vault", "add"])
    #expect(call.arguments("FILE") == ["a.txt", "b.txt"])
    #expect(call.option("to") == "notes")
    #expect(call.options("with") == ["ann", "bob"])
    #expect(call.flag("json"))
    #expect(call.option("home") == nil)
  }

  @Test func globalOptionsAlsoStandBeforeTheWords() throws {
    let call = try invocation("--home /h vault --json ls")
    #expect(call.command.name == ["vault", "ls"])
    #expect(call.option("home") == "/h")
    #expect(call.flag("json"))
    #expect(call.optionalArgument("DIR") == nil)
  }

  @Test func twoHyphensEndTheOptions() throws {
    let call = try invocation("vault add -- --to -x vault --")
    #expect(call.arguments("FILE") == ["--to", "-x", "vault", "--"])
    #expect(call.option("to") == nil)
  }

  @Test func valueMayLookLikeAnOptionOrBeEmpty() throws {
    let call = try invocation("vault add f --to --with --with= --home=a=b")
    #expect(call.option("to") == "--with")
    #expect(call.options("with") == [""])
    #expect(call.option("home") == "a=b")
  }

  @Test func lettersStandForOptions() throws {
    let call = try invocation("vault add f -w ann -q -t - --with bob -w -q")
    #expect(call.options("with") == ["ann", "bob", "-q"])
    #expect(call.flag("quick"))
    #expect(call.option("to") == "-")
    #expect(try shown("vault add --help").contains("-t, --to DIR"))
    #expect(try shown("vault add --help").contains("-q, --quick"))
  }

  @Test func singleHyphenIsAnArgument() throws {
    #expect(try invocation("vault add -").arguments("FILE") == ["-"])
  }

  @Test func wordsOfCommandsAreArgumentsLaterOn() throws {
    #expect(try invocation("copy vault ls").argument("FROM") == "vault")
  }

  @Test func commandThatIsAlsoAGroup() throws {
    #expect(try invocation("audit").command.name == ["audit"])
    #expect(try invocation("audit verify x y").arguments("PART") == ["x", "y"])
  }

  @Test(arguments: [
    ("vualt add", "unknown command: vualt", "did you mean “vault”?"),
    ("vault ad", "unknown command: vault ad", "did you mean “add”?"),
    ("vault zzzzzz", "unknown command: vault zzzzzz", "see “tool vault --help”"),
    ("audit verfy", "unknown command: audit verfy", "did you mean “verify”?"),
    ("vault", "missing command", "see “tool vault --help”"),
    ("", "missing command", "see “tool --help”"),
    ("vault add f --wiht x", "unknown option: --wiht", "did you mean “--with”?"),
    ("vault add f --zzzzzz=1", "unknown option: --zzzzzz", "see “tool vault add --help”"),
    ("vault add f -x", "unknown option: -x", "see “tool vault add --help”"),
    ("vault add f -tx", "unknown option: -tx", "see “tool vault add --help”"),
    ("vault add f -t", "--to needs a value", "write --to DIR"),
    ("vault add f -t a --to b", "--to is given twice", nil),
    ("vault add f --to", "--to needs a value", "write --to DIR"),
    ("vault add f --to a --to b", "--to is given twice", nil),
    ("vault add f --json=yes", "--json takes no value", nil),
    (
      "vault add", "missing argument: FILE",
      "usage: tool vault add FILE... [--to DIR] [--with PERSON ...] [--quick]"
    ),
    ("copy a", "missing argument: TO", "usage: tool copy FROM TO"),
    ("copy a b c", "unexpected argument: c", "usage: tool copy FROM TO"),
    ("help vualt", "unknown command: vualt", "did you mean “vault”?"),
  ])
  func mistakeIsNamed(line: String, message: String, hint: String?) {
    let failure = failure { try invocation(line) }
    #expect(failure == Failure(message, hint: hint, exitCode: .usage))
  }

  @Test func requiredFormsNameWhatIsMissing() throws {
    let call = try invocation("vault ls")
    #expect(failure { try call.argument("DIR") }?.message == "missing argument: DIR")
    #expect(failure { try call.requiredOption("limit") }?.message == "missing option: --limit")
    #expect(failure { try call.requiredOption("limit") }?.exitCode == .usage)
  }

  @Test(arguments: [("5", 5), ("1", 1), ("10", 10)])
  func integerInBounds(text: String, value: Int) throws {
    #expect(try invocation("vault ls --limit \(text)").integer("limit", in: 1...10) == value)
  }

  @Test(arguments: ["0", "11", "-3", "x", "1.5", "99999999999999999999"])
  func integerOutOfBounds(text: String) throws {
    let call = try invocation("vault ls --limit \(text)")
    #expect(failure { try call.integer("limit", in: 1...10) }?.exitCode == .usage)
  }

  @Test func helpOfTheProgram() throws {
    let text = try shown("--help")
    #expect(text.hasPrefix("A tool for tests.\n\nUsage: tool COMMAND [OPTIONS]\n"))
    #expect(text.contains("\n  vault add     Adds files.\n"))
    #expect(text.contains("\n  audit verify  Checks it.\n"))
    #expect(text.contains("\n  --json      for machines\n"))
    #expect(try shown("help") == text)
    #expect(try shown("-h") == text)
  }

  @Test func helpOfAGroupListsOnlyIt() throws {
    let text = try shown("vault --help")
    #expect(text.contains("  vault ls   Lists files.\n"))
    #expect(!text.contains("Copies."))
  }

  @Test func helpOfACommand() throws {
    let text = try shown("vault add --help")
    #expect(text.hasPrefix("Adds files.\n\nUsage: tool vault add FILE... [--to DIR]"))
    #expect(text.contains("Arguments:\n  FILE  what to add\n"))
    #expect(text.contains("  -t, --to DIR           where to\n"))
    #expect(try shown("help vault add") == text)
    #expect(try shown("vault add x --to y -h") == text)
  }

  @Test func version() throws {
    #expect(try shown("--version") == "tool 1.2\n")
  }

  @Test(arguments: [
    ("kitten", "sitting", 3), ("ab", "ba", 1), ("", "abc", 3), ("same", "same", 0), ("abc", "", 3),
  ])
  func editDistance(left: String, right: String, distance: Int) {
    let found = Suggestion.distance(Array(left.unicodeScalars), Array(right.unicodeScalars))
    #expect(found == distance)
  }
}

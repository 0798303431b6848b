/// The help texts of a program, made from its declarations.
struct Help {
  let tree: CommandTree

  /// Help for the program, a group or a command.
  func text(for path: [String]) -> String {
    var sections: [String] = []
    if let command = tree.command(path) {
      sections.append(overview(command))
      sections += details(command)
    } else {
      let name = ([tree.program] + path).joined(separator: " ")
      let intro = path.isEmpty ? "\(tree.summary)\n\n" : ""
      sections.append("\(intro)Usage: \(name) COMMAND [OPTIONS]\n")
    }
    let below = tree.commands.filter { $0.name.count > path.count && $0.name.starts(with: path) }
    sections += listing(
      "Commands", below.map { ($0.name.joined(separator: " "), $0.summary) })
    sections += listing("Options for every command", tree.globalOptions.map { ($0.usage, $0.help) })
    if !below.isEmpty {
      let name = ([tree.program] + path).joined(separator: " ")
      sections.append("“\(name) COMMAND --help” says more about a command.\n")
    }
    return sections.joined(separator: "\n")
  }

  func usageLine(_ command: Command) -> String { "usage: \(synopsis(command))" }

  private func synopsis(_ command: Command) -> String {
    var parts = [tree.program] + command.name
    parts += command.arguments.map(\.usage)
    parts += command.options.map { "[\($0.usage)]" }
    return parts.joined(separator: " ")
  }

  private func overview(_ command: Command) -> String {
    "\(command.summary)\n\nUsage: \(synopsis(command))\n"
  }

  private func details(_ command: Command) -> [String] {
    var sections: [String] = []
    if !command.details.isEmpty { sections.append(command.details + "\n") }
    let explained = command.arguments.filter { !$0.help.isEmpty }
    sections += listing("Arguments", explained.map { ($0.name, $0.help) })
    sections += listing("Options", command.options.map { ($0.listed, $0.help) })
    return sections
  }

  private func listing(_ title: String, _ rows: [(String, String)]) -> [String] {
    guard !rows.isEmpty else { return [] }
    let table = Table(
      columns: [Table.Column(""), Table.Column("")], rows: rows.map { [$0.0, $0.1] })
    let body = table.bodyLines.map { "  \($0)\n" }.joined()
    return ["\(title):\n\(body)"]
  }
}

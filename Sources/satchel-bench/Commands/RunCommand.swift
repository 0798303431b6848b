import Foundation
import Terminal

/// `satchel-bench run`: the rows, one after the other.
enum RunCommand {
  static let command = Command(
    name: ["run"],
    summary: "Measure rows against their bars.",
    details: """
      Each figure is a ratio against a yardstick that was measured in the same run, in turn with it: \
      the median of the rounds, with the smallest and the largest. Names are whole or begin at the \
      front: “1” is all of bar 1. Ends with exit code 1 where a bar does not hold.
      """,
    arguments: [Argument("name", .any, help: "rows; all by default")],
    options: [
      .flag("list", help: "only say which rows there are"),
      .value("rounds", "N", help: "counted rounds (5)"),
      .value("scale", "PERCENT", help: "a part of the work, to try a row out (100)"),
      .value("folder", "DIR", help: "on the disk that is measured (.build/bench)"),
      .value("json", "FILE", help: "the result as JSON"),
      .flag("no-bars", help: "fail only where a row cannot be measured"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws {
    let output = Output.standard
    let rows = try chosen(invocation.arguments("name"))
    if invocation.flag("list") {
      for row in rows { output.line("\(row.name)  bar \(row.bar.text)  \(row.work)") }
      return
    }
    var bench = Bench(folder: invocation.option("folder") ?? ".build/bench")
    bench.roundCount = try invocation.integer("rounds", in: 1...1000) ?? bench.roundCount
    bench.scale = Double(try invocation.integer("scale", in: 1...1000) ?? 100) / 100
    try FileManager.default.createDirectory(
      atPath: bench.folder, withIntermediateDirectories: true)
    var report = Report(machine: .current)
    output.line(report.machine.text)
    for row in rows {
      let line = Report.Line(row: row, result: Result { try row.measure(bench) })
      report.lines.append(line)
      for text in Report.text(line) { output.line(text) }
    }
    if let path = invocation.option("json") {
      try Data(report.json.text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
    if invocation.flag("no-bars"), report.isWhole { return }
    guard report.failureCount == 0 else {
      throw Failure("\(report.failureCount) of \(rows.count) bars do not hold")
    }
  }

  private static func chosen(_ names: [String]) throws(Failure) -> [Row] {
    guard !names.isEmpty else { return AllRows.rows }
    var rows: [Row] = []
    for name in names {
      let meant = AllRows.rows.filter { $0.isMeant(by: name) }
      guard !meant.isEmpty else {
        throw Failure.usage("there is no row \(name)", hint: "see --list")
      }
      rows += meant
    }
    return rows
  }
}

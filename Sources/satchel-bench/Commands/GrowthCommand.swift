import Foundation
import Terminal

/// `satchel-bench growth`: what the same small change costs while more and more is stored.
enum GrowthCommand {
  static let command = Command(
    name: ["growth"],
    summary: "Measure the cost of one change against what is stored, and plot it.",
    details: """
      Device and server run in one process, on the disk, without a network between them. Times are \
      medians of five changes.
      """,
    options: [
      .value("scale", "PERCENT", help: "a part of the sizes (100)"),
      .value("folder", "DIR", help: "on the disk that is measured (.build/bench)"),
      .value("svg", "FILE", help: "the plot"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws {
    var bench = Bench(folder: invocation.option("folder") ?? ".build/bench")
    bench.scale = Double(try invocation.integer("scale", in: 1...1000) ?? 100) / 100
    try FileManager.default.createDirectory(
      atPath: bench.folder, withIntermediateDirectories: true)
    let output = Output.standard
    output.line(Machine.current.text)
    var panels: [GrowthPlot.Panel] = []
    for measure in [Growth.rows, Growth.spaces, Growth.files, Growth.devices] {
      let panel = try measure(bench)
      panels.append(panel)
      for line in panel.text { output.line(line) }
    }
    if let path = invocation.option("svg") {
      try Data(GrowthPlot(panels: panels).svg.utf8)
        .write(to: URL(fileURLWithPath: path), options: .atomic)
    }
  }
}

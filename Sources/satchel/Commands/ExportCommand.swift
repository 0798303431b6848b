import Replica
import Sealing
import Signing
import Terminal

/// `vault export`: files of the vault for somebody who has no Satchel.
enum ExportCommand {
  static var command: Command {
    Command(
      name: ["vault", "export"],
      summary: "write files of the vault into a folder, with a list of what they are",
      details: """
        Plain files, or with --age files that the age program opens. \(ExportManifest.name) in the \
        folder lists them with their lengths and hashes. Nothing that is there is replaced; what an \
        earlier run of the same export wrote is found again, so that one that was interrupted can be \
        repeated.
        """,
      arguments: [Argument("PATH", .any, help: "in the vault; all of it if left out")],
      options: [
        .value("to", "DIR", help: "where; made if it is missing"),
        .flag("age", help: "as age files, one for each file"),
        .values("recipient", "AGE1", letter: "r", help: "who can open the age files"),
        .values("recipients-file", "FILE", letter: "R", help: "public keys, one a line"),
        .flag("force", help: "replace files that are there"), .flag("json"),
      ]
    ) { invocation in
      let directory = try trimmed(invocation.requiredOption("to"))
      let form = try form(invocation)
      TerminationSignal.prepare()
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let paths = invocation.arguments("PATH")
        let export = try VaultExport(
          replica, paths: paths, form: form, reserved: ExportManifest.name)
        let manifest = ExportManifest(
          directory: directory, vault: replica.vault.hex, form: form, paths: paths,
          random: session.world.random)
        try manifest.begin()
        let report = try run(
          export, to: directory, overwrites: invocation.flag("force"))
        try manifest.finish(report, milliseconds: session.world.nowMilliseconds())
        if invocation.flag("json") {
          session.output.json(
            manifest.document(report, milliseconds: session.world.nowMilliseconds()))
        } else {
          show(report, directory, session.output)
        }
        try check(report, session.output)
      }
    }
  }

  private static func trimmed(_ directory: String) throws(Failure) -> String {
    var path = directory
    while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard !path.isEmpty else { throw Failure.usage("--to takes a folder") }
    return path
  }

  private static func form(_ invocation: Invocation) throws -> ExportForm {
    let keys = AgeKeys(output: Session.shared.output)
    let recipients =
      try AgeKeys.recipients(typed: invocation.options("recipient"))
      + keys.recipients(invocation.options("recipients-file"))
    guard invocation.flag("age") else {
      guard recipients.isEmpty else { throw Failure.usage("recipients go with --age") }
      return .plain
    }
    guard !recipients.isEmpty else {
      throw Failure.usage(
        "age files for whom?", hint: "give --recipient AGE1; `satchel age keygen` makes a key")
    }
    return .age(recipients)
  }

  private static func run(
    _ export: VaultExport, to directory: String, overwrites: Bool
  ) throws -> ExportReport {
    let progress = ProgressLine("exporting", unit: .bytes)
    defer { progress.finish() }
    return try export.run(to: directory, overwrites: overwrites) { done, total in
      progress.update(done, of: total)
      guard !TerminationSignal.hasCome else {
        throw Failure(
          "interrupted", hint: "the same command goes on; files that are there already are kept")
      }
    }
  }

  private static func show(_ report: ExportReport, _ directory: String, _ output: Output) {
    for item in report.items {
      output.line("\(directory)/\(item.name)  (\(ByteSize.text(UInt64(item.byteCount))))")
    }
    output.note("listed in \(directory)/\(ExportManifest.name)")
  }

  /// What was left out ends the command with a failure that names it, after the rest was done.
  private static func check(_ report: ExportReport, _ output: Output) throws(Failure) {
    guard let first = report.problems.first else { return }
    for problem in report.problems { output.warning(explanation(problem)) }
    let count = report.problems.count
    throw Failure(
      count == 1
        ? "\(first.path) was not exported" : "\(count) files or folders were not exported",
      hint: first.error.hint ?? "see above; the rest is done")
  }

  private static func explanation(_ problem: ExportReport.Problem) -> String {
    guard !problem.missingBlobs.isEmpty else { return problem.error.explanation }
    let named = problem.missingBlobs.prefix(3).map(\.hex).joined(separator: ", ")
    let rest = problem.missingBlobs.count > 3 ? " and \(problem.missingBlobs.count - 3) more" : ""
    return "\(problem.error.explanation): missing blobs \(named)\(rest)"
  }
}

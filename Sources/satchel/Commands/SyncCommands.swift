import Foundation
import Replica
import Signing
import Terminal

/// `sync`.
enum SyncCommands {
  static var all: [Command] { [sync] }

  private static var sync: Command {
    Command(
      name: ["sync"], summary: "send what is unsent, take in what is new",
      details: "A locked home only takes in what is new and removes what it may no longer hold.",
      options: [
        .value("server", "URL", help: "the server's new address; kept if it is the same server"),
        Joining.codeOption,
        .flag("json"),
      ]
    ) { invocation in
      let session = Session.shared
      let path = session.homePath(invocation)
      if try Joining.goOn(path, invocation) { return }
      try session.withReplica(invocation, unlocked: false) { replica in
        if let url = invocation.option("server") { try replica.setServerURL(url) }
        let result = try sync(replica, session.transport(replica, invocation))
        if invocation.flag("json") {
          session.output.json(json(result))
        } else {
          report(result, session.output)
        }
        if result.wasRevoked { throw FailureText.revoked }
        if !result.refused.isEmpty {
          throw Failure(
            "\(result.refused.count) of your changes were refused",
            hint: "they are kept: satchel rejected ls", exitCode: .refused)
        }
        if result.sawDishonesty {
          throw Failure(
            "the server showed what cannot be true; nothing of it was taken in",
            hint: "the evidence is kept; tell the people you work with before you go on",
            exitCode: .refused)
        }
        if !result.problems.isEmpty {
          throw Failure("not everything could be synced", hint: "see above; the rest is done")
        }
      }
    }
  }

  /// Syncs with a line that shows how far the files are.
  static func sync(_ replica: Replica, _ transport: HTTPTransport) throws -> SyncReport {
    let progress = ProgressLine("files", unit: .bytes)
    defer { progress.finish() }
    return try replica.sync(transport) { done, total in progress.update(done, of: total) }
  }

  /// What a person wants to know of a sync.
  static func report(_ report: SyncReport, _ output: Output) {
    for news in report.news { output.line(news) }
    if !report.wasRevoked {
      output.line("synced: \(report.acceptedCount) sent, \(report.pulledCount) received")
    }
    if report.wasLocked { output.note("the home is locked: nothing was sent") }
    for (space, reason) in report.left.sorted(by: { $0.key < $1.key }) {
      output.line("removed from this device: space \(space.hex.prefix(8)) (\(reason.rawValue))")
    }
    for refused in report.refused {
      output.warning("refused: \(refused.refusal.explanation)")
    }
    for deferral in report.deferred.map(\.explanation).sorted() {
      output.warning("waiting: \(deferral)")
    }
    for warning in report.warnings { output.warning(warning) }
    for problem in report.problems { output.warning(problem) }
  }

  private static func json(_ report: SyncReport) -> JSONValue {
    .object([
      "sent": .integer(Int64(report.acceptedCount)),
      "received": .integer(Int64(report.pulledCount)),
      "locked": .bool(report.wasLocked), "revoked": .bool(report.wasRevoked),
      "refused": .array(
        report.refused.map {
          .object([
            "space": .string($0.space.hex), "reason": .string($0.refusal.explanation),
          ])
        }),
      "waiting": .array(report.deferred.map(\.explanation).sorted().map { .string($0) }),
      "left": .array(report.left.keys.sorted().map { .string($0.hex) }),
      "problems": .array(report.problems.map { .string($0) }),
      "dishonest": .bool(report.sawDishonesty),
      "warnings": .array(report.warnings.map { .string($0) }),
      "news": .array(report.news.map { .string($0) }),
      "handed_back": .integer(Int64(report.handedBackCount)),
      "lost": .integer(Int64(report.lostCount)),
    ])
  }
}

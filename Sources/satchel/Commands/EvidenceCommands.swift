import Foundation
import Replica
import SyncProtocol
import Terminal

/// `audit evidence`: what only a dishonest server or member explains, to look at and to hand on.
enum EvidenceCommands {
  static var all: [Command] { [list, show, export, verify] }

  private static let number = "as “satchel audit evidence ls” shows it"

  private static var list: Command {
    Command(
      name: ["audit", "evidence", "ls"],
      summary: "what only a dishonest server or member explains",
      options: [.flag("json")]
    ) { invocation in
      let output = Session.shared.output
      try Session.shared.withReplica(invocation, unlocked: false) { replica in
        let all = try replica.keptEvidence()
        if invocation.flag("json") { return output.json(.array(all.map(json))) }
        if all.isEmpty { output.note("there is none") }
        output.table(
          Table(
            columns: [Table.Column("N", .right)]
              + ["TIME", "SPACE", "WHAT", "WEIGHT"].map { Table.Column($0) },
            rows: all.map { item in
              [
                String(item.number), ValueText.time(item.evidence.timeMilliseconds),
                item.evidence.space.map { String($0.uuidText.prefix(13)) } ?? "",
                item.evidence.kind, item.evidence.finding().weight.rawValue,
              ]
            }))
        let leftOutCount = try replica.evidenceLeftOutCount()
        if leftOutCount > 0 {
          output.note("\(leftOutCount) more of the same kinds were not kept")
        }
      }
    }
  }

  private static var show: Command {
    Command(
      name: ["audit", "evidence", "show"], summary: "one piece of evidence, and what it shows",
      arguments: [Argument("N", help: number)], options: [.flag("json")]
    ) { invocation in
      let output = Session.shared.output
      try Session.shared.withReplica(invocation, unlocked: false) { replica in
        let item = try replica.keptEvidence(number(invocation.argument("N")))
        if invocation.flag("json") { return output.json(json(item)) }
        describe(item.evidence, output)
      }
    }
  }

  private static var export: Command {
    Command(
      name: ["audit", "evidence", "export"],
      summary: "evidence in a file that somebody else can check",
      details: """
        The file holds what was shown, what was expected, and the server's certificate. It holds no \
        keys; sealed values stay sealed, open fields do not.
        """,
      arguments: [Argument("N", .optional, help: number)],
      options: [
        .flag("all", help: "all of it"),
        .value("to", "FILE", help: "a new file, readable by you alone"),
      ]
    ) { invocation in
      try Session.shared.withReplica(invocation, unlocked: false) { replica in
        let items = try chosen(invocation, replica)
        guard !items.isEmpty else { throw Failure("there is no evidence") }
        let path = try invocation.requiredOption("to")
        try NewFile.write(EvidenceFile(items: items.map(\.evidence)).encoded, to: path)
        Session.shared.output.note("exported to \(path)")
      }
    }
  }

  private static func chosen(
    _ invocation: Invocation, _ replica: Replica
  ) throws -> [KeptEvidence] {
    let text = invocation.optionalArgument("N")
    if invocation.flag("all") {
      guard text == nil else { throw Failure.usage("give a number or --all, not both") }
      return try replica.keptEvidence()
    }
    guard let text else { throw Failure.usage("give a number, or --all") }
    return [try replica.keptEvidence(number(text))]
  }

  private static var verify: Command {
    Command(
      name: ["audit", "evidence", "verify"],
      summary: "check the signatures in a file of evidence, and say what it proves",
      details: "Needs no home and no network. Exit code 1 where something in it is worth nothing.",
      arguments: [Argument("FILE", help: "as “satchel audit evidence export” writes it")],
      options: [.flag("json")]
    ) { invocation in
      let output = Session.shared.output
      let path = try invocation.argument("FILE")
      let items = try read(path)
      if invocation.flag("json") {
        output.json(.array(items.map(json)))
      } else {
        for item in items { describe(item, output) }
      }
      guard items.allSatisfy({ $0.finding().weight != .nothing }) else {
        throw Failure("some of it is not what it says it is")
      }
    }
  }

  /// 64 MiB of evidence is the most that a home keeps.
  private static let fileByteCountMax = 80 << 20

  private static func read(_ path: String) throws -> [Evidence] {
    let bytes: [UInt8]
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: path))
      bytes = Array(try handle.read(upToCount: fileByteCountMax) ?? Data())
    } catch {
      throw Failure("\(path) cannot be read")
    }
    do throws(WireError) {
      return try EvidenceFile(decoding: bytes).items
    } catch {
      throw Failure("\(path) is no file of evidence")
    }
  }

  private static func number(_ text: String) throws(Failure) -> Int64 {
    guard let number = Int64(text) else { throw Failure.usage("“\(text)” is not a number") }
    return number
  }

  // MARK: Showing

  private static func describe(_ evidence: Evidence, _ output: Output) {
    let finding = evidence.finding()
    output.line("what    \(evidence.kind)")
    output.line("found   \(ValueText.time(evidence.timeMilliseconds))")
    if let space = evidence.space { output.line("space   \(space.uuidText)") }
    output.line("server  \(evidence.server.identity.hex)")
    output.line("weight  \(finding.weight.rawValue)")
    output.line("shows   \(finding.explanation)")
  }

  private static func json(_ item: KeptEvidence) -> JSONValue {
    guard case .object(var fields) = json(item.evidence) else { return .null }
    fields["number"] = .integer(item.number)
    return .object(fields)
  }

  private static func json(_ evidence: Evidence) -> JSONValue {
    let finding = evidence.finding()
    return .object([
      "kind": .string(evidence.kind),
      "time": .integer(Int64(evidence.timeMilliseconds)),
      "space": evidence.space.map { .string($0.hex) } ?? .null,
      "server": .string(evidence.server.identity.hex),
      "weight": .string(finding.weight.rawValue),
      "explanation": .string(finding.explanation),
      "byte_count": .integer(Int64(evidence.encoded.count)),
    ])
  }
}

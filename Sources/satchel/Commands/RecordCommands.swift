import Foundation
import Merge
import Replica
import SyncProtocol
import Terminal

/// `org schema`, `record`: an organisation's own record types, and records of them.
enum RecordCommands {
  static var all: [Command] { [addSchema, listSchemas, new, set] }

  /// As many bytes as a declaration may have, and one more, so that the next one is noticed.
  private static let fileByteCountMax = 64 << 10

  private static var addSchema: Command {
    Command(
      name: ["org", "schema", "add"],
      summary: "declare a record type of the organisation, or the next version of one",
      details: """
        FILE is a schema file. The type's name begins with x_ and ends as “satchel org schema ls” says. \
        A next version may only add. The server reads the file.
        """,
      arguments: [Argument("FILE")]
    ) { invocation in
      let session = Session.shared
      let file = try bytes(invocation.argument("FILE"))
      try session.withReplica(invocation) { replica in
        let name = try replica.declareType(file, session.transport(replica, invocation))
        session.output.line("\(name) is declared")
      }
    }
  }

  private static func bytes(_ path: String) throws -> [UInt8] {
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: path))
      let data = try handle.read(upToCount: fileByteCountMax + 1)
      try handle.close()
      return data.map { Array($0) } ?? []
    } catch {
      throw Failure("\(path) cannot be read")
    }
  }

  private static var listSchemas: Command {
    Command(
      name: ["org", "schema", "ls"], summary: "the organisation's record types",
      options: [.flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation, unlocked: false) { replica in
        let types = try replica.declaredTypes()
        let ending = try replica.declaredTypeEnding()
        if invocation.flag("json") {
          session.output.json(.array(types.map(json)))
          return
        }
        if let ending { session.output.note("names are x_NAME\(ending)") }
        session.output.table(
          Table(
            columns: ["TYPE", "SPACE", "FIELDS", "IN USE"].map { Table.Column($0) },
            rows: types.map {
              [
                $0.type.name, $0.type.space.rawValue,
                $0.type.fields.map(\.name).joined(separator: ", "), $0.isInUse ? "yes" : "no",
              ]
            }))
      }
    }
  }

  private static func json(_ declared: DeclaredType) -> JSONValue {
    .object([
      "type": .string(declared.type.name), "space": .string(declared.type.space.rawValue),
      "fields": .array(declared.type.fields.map { .string($0.name) }),
      "version": .string(Bytes32(declared.version)?.hex ?? ""),
      "in_use": .bool(declared.isInUse),
    ])
  }

  // MARK: record

  private static let fields = Argument(
    "FIELD=VALUE", .repeating, help: "an element of a set is FIELD/ELEMENT=yes or no")

  private static var new: Command {
    Command(
      name: ["record", "new"], summary: "make a record of one of the organisation's types",
      details: "Read records with “satchel sql”.",
      arguments: [Argument("TYPE"), fields],
      options: [
        .value("with", "NAME", help: "casework with which team or person, if there are several"),
        .value("team", "NAME", help: "the team, for types of team spaces"),
      ]
    ) { invocation in
      let session = Session.shared
      let texts = try texts(invocation)
      try session.withReplica(invocation) { replica in
        let type = try replica.declaredType(named: invocation.argument("TYPE"))
        let space =
          type.space == .team
          ? try SpaceID.team(replica.team(named: invocation.option("team")).id)
          : try replica.caseworkSpace(with: invocation.option("with")).id
        let made = try replica.newRecord(of: type, texts, in: space)
        session.output.line(made.record.hex)
        session.output.note("kept here; the next `satchel sync` sends it")
      }
    }
  }

  private static var set: Command {
    Command(
      name: ["record", "set"], summary: "change fields of such a record",
      details: "What a field says already is not written. An empty value takes it away.",
      arguments: [Argument("ID", help: "as “record new” said it, or its beginning"), fields]
    ) { invocation in
      let session = Session.shared
      let texts = try texts(invocation)
      try session.withReplica(invocation) { replica in
        let keys = try replica.setRecord(
          replica.record(named: invocation.argument("ID")), texts)
        session.output.line(
          keys.isEmpty ? "nothing is different" : "changed \(keys.joined(separator: ", "))")
      }
    }
  }

  private static func texts(_ invocation: Invocation) throws -> [Replica.FieldText] {
    try invocation.arguments("FIELD=VALUE").map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw Failure.usage("“\(text)” is not FIELD=VALUE")
      }
      return Replica.FieldText(String(parts[0]), String(parts[1]))
    }
  }
}

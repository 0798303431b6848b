import Foundation
import Schemas
import Terminal

/// `satchel-server schema check`: whether schema files can be used, before anybody does.
enum SchemaCommand {
  static let check = Command(
    name: ["schema", "check"],
    summary: "Check the schema files of record types.",
    details: """
      Holds a file, or all files of a directory, against the format, the conditions of each rule, and \
      who can be in such a space; proves that each rule comes to the same in any order. With --older \
      also that nothing which programs with those files rely on has changed. A single file may refer \
      to the types that Satchel has. Ends with 1 where there is a problem.
      """,
    arguments: [Argument("PATH", help: "a schema file, or a directory of them")],
    options: [
      .value("older", "DIR", help: "the files that are in use, to be replaced"),
      .flag("json", help: "the problems as JSON"),
    ],
    run: run)

  private typealias Files = [(name: String, bytes: [UInt8])]

  private static let fileCountMax = 1024
  private static let byteCountMax = 256 << 10

  private static func run(_ invocation: Invocation) throws {
    let path = try invocation.argument("PATH")
    var files = try read(path)
    var checked: Set<String>?
    if !isDirectory(path) {
      let names = Set(files.map(\.name))
      checked = names
      files += BuiltInSchema.files.filter { !names.contains($0.name) }
    }
    let older = try invocation.option("older").map(read)
    let problems = SchemaCheck.problems(in: files, checked: checked, replacing: older)
    report(problems, fileCount: checked?.count ?? files.count, invocation)
    guard problems.isEmpty else {
      throw Failure(problems.count == 1 ? "1 problem" : "\(problems.count) problems")
    }
  }

  private static func report(
    _ problems: [SchemaProblem], fileCount: Int, _ invocation: Invocation
  ) {
    let output = Output.standard
    if invocation.flag("json") {
      output.json([
        "files": .integer(Int64(fileCount)),
        "problems": .array(
          problems.map { problem in
            [
              "file": .string(problem.file), "place": .string(problem.pointer),
              "what": .string(problem.what), "advice": .string(problem.advice),
            ]
          }),
      ])
      return
    }
    for problem in problems { output.line("\(problem); \(problem.advice)") }
    if problems.isEmpty {
      output.note(fileCount == 1 ? "1 file is well" : "\(fileCount) files are well")
    }
  }

  // MARK: Files

  private static func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }

  /// One file, or the JSON files of a directory; not the description of the format itself.
  private static func read(_ path: String) throws(Failure) -> Files {
    let names: [String]
    let folder: URL
    if isDirectory(path) {
      folder = URL(filePath: path, directoryHint: .isDirectory)
      names = try list(path).filter { $0.hasSuffix(".json") && $0 != "meta.schema.json" }.sorted()
    } else {
      let file = URL(filePath: path)
      folder = file.deletingLastPathComponent()
      names = [file.lastPathComponent]
    }
    guard !names.isEmpty else { throw Failure("there is no schema file in \(path)") }
    guard names.count <= fileCountMax else {
      throw Failure("there are more than \(fileCountMax) files in \(path)")
    }
    var files: Files = []
    for name in names { files.append((name, try bytes(folder.appending(path: name)))) }
    return files
  }

  private static func list(_ path: String) throws(Failure) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw Failure("\(path) cannot be read")
    }
  }

  /// As many bytes as the loader refuses for being too many, and no more.
  private static func bytes(_ file: URL) throws(Failure) -> [UInt8] {
    do {
      let handle = try FileHandle(forReadingFrom: file)
      let data = try handle.read(upToCount: byteCountMax + 1)
      try handle.close()
      return Array(data ?? Data())
    } catch {
      throw Failure("\(file.path) cannot be read")
    }
  }
}

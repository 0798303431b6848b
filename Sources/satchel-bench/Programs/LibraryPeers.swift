import Foundation
import Terminal

/// CRDT libraries with a Python interface, in a virtual environment that is made once.
enum LibraryPeers {
  struct Library {
    let name: String
    fileprivate let package: String
    /// Makes `count` records of six fields in one document, a change each, and applies them to another
    /// one; prints the seconds of the latter.
    fileprivate let script: String

    /// Records applied a second.
    func rate(_ count: Int) throws -> Double {
      let python = try LibraryPeers.python(with: package)
      let text = try python.run(["-c", script, "\(count)"]).trimmed
      guard let seconds = Double(text), seconds > 0 else { throw Failure("it said “\(text)”") }
      return Double(count) / seconds
    }
  }

  private static let folder = ".build/peers"

  private static func python(with package: String) throws -> Program {
    let python = "\(folder)/bin/python"
    if !FileManager.default.isExecutableFile(atPath: python) {
      try Program.required("python3").run(["-m", "venv", folder])
    }
    let program = Program(path: URL(fileURLWithPath: python).standardizedFileURL.path)
    do {
      try program.run(["-m", "pip", "show", "-q", package])
    } catch {
      try program.run(["-m", "pip", "install", "-q", package])
    }
    return program
  }

  static let all = [
    Library(
      name: "Yjs (pycrdt)", package: "pycrdt",
      script: """
        from sys import argv
        from time import perf_counter
        from pycrdt import Doc, Map
        count = int(argv[1])
        doc = Doc(); doc["r"] = records = Map(); updates = []
        sub = doc.observe(lambda event: updates.append(event.update))
        for i in range(count):
            records[str(i)] = Map({k: "some words here" for k in "abcdef"})
        other = Doc(); start = perf_counter()
        for update in updates: other.apply_update(update)
        print(perf_counter() - start)
        """),
    Library(
      name: "Loro", package: "loro",
      script: """
        from sys import argv
        from time import perf_counter
        from loro import LoroDoc, LoroMap, ExportMode
        count = int(argv[1])
        doc = LoroDoc(); records = doc.get_map("r"); updates = []
        sub = doc.subscribe_local_update(lambda update: updates.append(bytes(update)) or True)
        for i in range(count):
            record = records.insert_container(str(i), LoroMap())
            for k in "abcdef": record.insert(k, "some words here")
            doc.commit()
        other = LoroDoc(); start = perf_counter()
        for update in updates: other.import_(update)
        print(perf_counter() - start)
        """),
    Library(
      name: "Automerge", package: "automerge",
      script: """
        from sys import argv
        from time import perf_counter
        from automerge.core import Document, ObjType, ROOT, ScalarType
        count = int(argv[1])
        doc = Document()
        for i in range(count):
            with doc.transaction() as tx:
                record = tx.put_object(ROOT, str(i), ObjType.Map)
                for k in "abcdef": tx.put(record, k, ScalarType.Str, "some words here")
        changes = doc.get_changes([])
        other = Document(); start = perf_counter()
        other.apply_changes(changes)
        print(perf_counter() - start)
        """),
  ]
}

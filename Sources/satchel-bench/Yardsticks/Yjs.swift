import Foundation
import Terminal

/// Yjs by way of pycrdt, in a Python environment of its own below `.build/peers`: how fast it takes in
/// updates of others, in memory, unsigned and not durable.
struct Yjs {
  struct Rates {
    /// Records and changes of one field a second, each in updates of 100.
    let inserts: Double
    let updates: Double
  }

  private let python: String

  /// - Throws: ``PeerMissing`` where Python or the package cannot be had.
  init() throws {
    let folder = "\(FileManager.default.currentDirectoryPath)/.build/peers"
    python = "\(folder)/bin/python"
    if try Self.run(python, ["-c", "import pycrdt"]) != nil { return }
    guard try Self.run("/usr/bin/env", ["python3", "-m", "venv", folder]) != nil,
      try Self.run(python, ["-m", "pip", "install", "--quiet", "pycrdt"]) != nil
    else { throw PeerMissing(name: "pycrdt") }
  }

  func rates(_ count: Int) throws -> Rates {
    let output = try Self.run(python, ["-c", Self.script, String(count)])
    let figures = output?.split(separator: "\n").compactMap { Double($0) } ?? []
    guard figures.count == 2 else { throw Failure("pycrdt gave no figures") }
    return Rates(inserts: figures[0], updates: figures[1])
  }

  /// What it printed; `nil` where it failed or is not there.
  private static func run(_ program: String, _ arguments: [String]) throws -> String? {
    guard FileManager.default.isExecutableFile(atPath: program) else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: bytes, as: UTF8.self) : nil
  }

  /// The records of ``PlainSQLite``, one map each in a map by id.
  private static let script = """
    sys, time = __import__("sys"), __import__("time")
    from pycrdt import Doc, Map
    count = int(sys.argv[1])
    author = Doc()
    records = author.get("records", type=Map)
    ids = ["%032x" % (0x01900000000070008000000000000000 + n) for n in range(count)]
    def written(batch, write):
        before = author.get_state()
        with author.transaction():
            for n in batch:
                write(n)
        return author.get_update(before)
    def create(n):
        text = "some words here"
        records[ids[n]] = Map({"a": text, "b": text, "c": text, "d": text, "e": text,
                               "f": n, "g": n * 7, "h": text})
    def change(n):
        records[ids[n]]["f"] = n + 1
    batches = [range(n, min(n + 100, count)) for n in range(0, count, 100)]
    inserts = [written(batch, create) for batch in batches]
    updates = [written(batch, change) for batch in batches]
    reader = Doc()
    reader.get("records", type=Map)
    for each in (inserts, updates):
        start = time.perf_counter()
        for update in each:
            reader.apply_update(update)
        print(count / (time.perf_counter() - start))
    """
}

import Testing

/// The rules find what they are there for.
@Suite struct RuleTests {
  private func file(_ target: String, _ text: String, path: String = "x.swift") -> SourceFile {
    SourceFile(target: target, path: path, text: text)
  }

  @Test(arguments: [
    ("SyncServer", "import Sealing"), ("SyncServer", "internal import Replica"),
    ("HTTP", "import Replica"), ("Merge", "import Foundation"),
    ("CBOR", "import struct Foundation.Data"), ("SpaceStore", "@testable import Merge"),
    ("Replica", "@_exported import Merge"), ("Unheard", "import CBOR"),
  ])
  func forbiddenImportIsFound(target: String, line: String) {
    #expect(Rules.imports(file(target, "\n" + line)).count == 1)
  }

  @Test func allowedImportsPass() {
    let text = "import CBOR\n// import Sealing\npublic import Merge\nlet important = \"import X\""
    #expect(Rules.imports(file("SyncProtocol", text)) == [])
  }

  @Test(arguments: [
    "let now = Date()", "let id = UUID().uuidString", "list.shuffled()",
    "let n = Int.random(in: 0..<3)", "clock_gettime(CLOCK_REALTIME, &time)",
    "var generator = SystemRandomNumberGenerator()",
  ])
  func clockOrDieIsFound(line: String) {
    #expect(Rules.time(file("Replica", line)).count == 1)
    #expect(Rules.time(file("satchel", line)) == [])
  }

  @Test func timeHandedInPasses() {
    let text = """
      // Not Date(): the caller's.
      let now = environment.nowMilliseconds()
      let order = list.shuffled(using: &generator)
      let date = makeDate()
      """
    #expect(Rules.time(file("Replica", text)) == [])
    let allowed = "Sources/SyncServer/SystemEnvironment.swift"
    #expect(
      Rules.time(file("SyncServer", "clock_gettime(CLOCK_REALTIME, &t)", path: allowed)) == [])
  }

  @Test(arguments: ["try? write()", "let x = try! read()", "let y = z as! Int"])
  func droppedErrorIsFound(line: String) {
    #expect(Rules.droppedErrors(file("HTTP", line)).count == 1)
  }

  @Test func uncheckedNeedsAReasonAtThatPlace() {
    let bare = "final class A: @unchecked Sendable {}"
    #expect(Rules.unexplained(file("HTTP", bare)).map(\.line) == [1])
    #expect(Rules.unexplained(file("HTTP", "/// Under a lock.\n" + bare)) == [])
    #expect(Rules.unexplained(file("HTTP", bare + "  // Under a lock.")) == [])
    #expect(Rules.unexplained(file("HTTP", "/// Far away.\n\n" + bare)).count == 1)
  }

  @Test func manifestIsRead() {
    let manifest = """
      func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
        .target(name: name, dependencies: dependencies, swiftSettings: settings)
      .systemLibrary(name: "CSodium", pkgConfig: "libsodium"),
      module("CBOR"),
      module(
        "Replica",
        ["CBOR", "Merge"]),
      .target(
        name: "Schemas", dependencies: ["Merge"], path: "Schemas",
      program("satchel", ["Replica"]), tests("CBORTests", ["CBOR"]),
      """
    let expected: [String: Set<String>] = [
      "CBOR": [], "Replica": ["CBOR", "Merge"], "Schemas": ["Merge"], "satchel": ["Replica"],
    ]
    #expect(PackageManifest.dependencies(manifest) == expected)
  }
}

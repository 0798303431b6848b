import Testing

@Suite struct LayeringTests {
  @Test func everyTargetIsInTheGraphAndThere() throws {
    #expect(try SourceTree.targets() == TargetGraph.allowed.keys.sorted())
  }

  @Test func importsFollowTheGraph() throws {
    #expect(try violations(Rules.imports) == [])
  }

  /// Spelled out, whatever somebody may write into the table.
  @Test func serverCannotOpenAnything() {
    var reached: Set = ["SyncServer"]
    var open: Set = reached
    while let target = open.popFirst() {
      let next = TargetGraph.allowed[target, default: []].subtracting(reached)
      reached.formUnion(next)
      open.formUnion(next)
    }
    #expect(reached.isDisjoint(with: ["Sealing", "Replica", "satchel"]))
  }

  @Test(arguments: ["CBOR", "Merge", "SyncProtocol", "SpaceStore", "Database", "Schemas"])
  func coreGoesWithoutFoundation(target: String) {
    #expect(TargetGraph.allowed[target]?.contains("Foundation") == false)
  }

  @Test func timeAndRandomnessAreHandedIn() throws {
    #expect(try violations(Rules.time) == [])
  }

  @Test func errorsAreNotDropped() throws {
    #expect(try violations(Rules.droppedErrors) == [])
  }

  @Test func whatTheCompilerCannotCheckIsExplained() throws {
    #expect(try violations(Rules.unexplained) == [])
  }

  private static let page = "docs/architecture.md"

  @Test(.enabled(if: SourceTree.exists(page), "docs/architecture.md does not exist yet"))
  func architecturePageNamesEveryTarget() throws {
    let page = try SourceTree.text(Self.page)
    #expect(try SourceTree.targets().filter { !page.contains($0) } == [])
  }

  private func violations(_ rule: (SourceFile) -> [Violation]) throws -> [Violation] {
    let files = try SourceTree.files()
    #expect(files.count > 100)
    return files.flatMap(rule)
  }
}

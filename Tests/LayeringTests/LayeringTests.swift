import Testing

@Suite struct LayeringTests {
  @Test func everyTargetIsInTheGraphAndThere() throws {
    #expect(try SourceTree.targets() == TargetGraph.allowed.keys.sorted())
  }

  /// The build lets a target import what its dependencies depend on; this does not.
  @Test func importsAreDeclared() throws {
    let declared = PackageManifest.dependencies(try SourceTree.text("Package.swift"))
    for target in try SourceTree.targets() {
      let imported = try SourceTree.files().filter { $0.target == target }
        .flatMap { $0.imports.map(\.module) }
      let ofPackage = Set(imported).intersection(PackageManifest.modules)
      #expect(declared[target] == ofPackage, "\(target) in Package.swift and in its sources")
    }
  }

  @Test func importsFollowTheGraph() throws {
    let found = try violations(Rules.imports)
    #expect(found == [])
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
    let found = try violations(Rules.time)
    #expect(found == [])
  }

  @Test func errorsAreNotDropped() throws {
    let found = try violations(Rules.droppedErrors)
    #expect(found == [])
  }

  @Test func whatTheCompilerCannotCheckIsExplained() throws {
    let found = try violations(Rules.unexplained)
    #expect(found == [])
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

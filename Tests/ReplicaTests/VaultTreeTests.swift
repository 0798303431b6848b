import Merge
import Simulation
import Testing

@testable import Replica

struct VaultTreeTests {
  private typealias Row = VaultTree.Row

  private func id(_ number: UInt8) -> RecordID {
    guard let id = RecordID([UInt8](repeating: 0, count: 15) + [number]) else {
      preconditionFailure("16 bytes")
    }
    return id
  }

  private func file(_ number: UInt8, _ name: String?, in folder: UInt8? = nil) -> Row {
    Row(id: id(number), kind: .file, parent: folder.map(id), name: name)
  }

  private func folder(_ number: UInt8, _ name: String, in parent: UInt8? = nil) -> Row {
    Row(id: id(number), kind: .folder, parent: parent.map(id), name: name)
  }

  private func paths(_ rows: [Row]) -> [String] {
    let tree = VaultTree(rows: rows)
    return tree.descendants(of: nil).map { tree.path(of: $0.id) }
  }

  @Test func showsFoldersAndFilesByName() {
    let rows = [
      file(1, "b.txt", in: 2), folder(2, "docs"), file(3, "a.txt"), folder(4, "x", in: 2),
    ]
    #expect(paths(rows) == ["a.txt", "docs", "docs/b.txt", "docs/x"])
  }

  @Test func showsBothOfOneName() {
    let rows = [file(2, "a.pdf"), file(1, "a.pdf"), file(3, "a.pdf"), folder(4, "a.pdf")]
    let tree = VaultTree(rows: rows)
    #expect(tree[id(1)]?.name == "a.pdf")
    #expect(tree[id(2)]?.name == "a (2).pdf")
    #expect(tree[id(3)]?.name == "a (3).pdf")
    #expect(tree[id(4)]?.name == "a (4).pdf")
  }

  @Test func givesNoNumberThatIsAName() {
    let rows = [file(1, "a.pdf"), file(2, "a.pdf"), file(3, "a (2).pdf")]
    let tree = VaultTree(rows: rows)
    #expect(tree[id(2)]?.name == "a (3).pdf")
    #expect(tree[id(3)]?.name == "a (2).pdf")
  }

  @Test(arguments: [
    ("report.pdf", "report (2).pdf"), ("Makefile", "Makefile (2)"), (".env", ".env (2)"),
    ("a.tar.gz", "a.tar (2).gz"),
  ])
  func numbersBeforeTheEnding(name: String, numbered: String) {
    #expect(VaultName(name).numbered(2).text == numbered)
  }

  @Test func isTheSameInAnyOrder() {
    var generator = SplitMix64(seed: 7)
    let rows = [
      folder(1, "a", in: 2), folder(2, "b", in: 1), file(3, "x", in: 1), file(4, "x", in: 1),
      file(5, "y", in: 9), folder(6, "b"), file(7, "x (2)", in: 1),
    ]
    let first = paths(rows)
    for _ in 0..<50 { #expect(paths(rows.shuffled(using: &generator)) == first) }
  }

  @Test func breaksCyclesAtTheOldest() {
    let rows = [
      folder(3, "c", in: 1), folder(1, "a", in: 2), folder(2, "b", in: 3), file(4, "f", in: 2),
    ]
    #expect(paths(rows) == ["a", "a/c", "a/c/b", "a/c/b/f"])
    #expect(paths([folder(1, "self", in: 1)]) == ["self"])
  }

  @Test func leavesWhatHangsBelowACycleThere() {
    let rows = [folder(5, "a", in: 6), folder(6, "b", in: 5), folder(1, "below", in: 6)]
    #expect(paths(rows) == ["a", "a/b", "a/b/below"])
  }

  @Test func showsOrphansAtTheTop() {
    #expect(
      paths([file(1, "f", in: 9), folder(2, "d", in: 8), file(3, "g", in: 1)]) == ["d", "f", "g"])
  }

  @Test func namesLeadNowhereElse() {
    let names = ["../../etc/passwd", "..", ".", "", "a/b", "x\u{0}y"]
    for name in names {
      let safe = VaultName(name).safe.text
      #expect(!safe.utf8.contains(0x2f) && !safe.utf8.contains(0))
      #expect(!["", ".", ".."].contains(safe))
      #expect(VaultName(name).problem != nil)
    }
    #expect(VaultName("a\nb").safe.text == "a\nb")
    #expect(VaultName("a\nb").problem == nil)
  }

  @Test func tellsApartWhatIsNotTheSameBytes() throws {
    let composed = "caf\u{e9}"
    let decomposed = "cafe\u{301}"
    let tree = VaultTree(rows: [file(1, composed), file(2, decomposed)])
    #expect(try tree.entry(at: composed)?.id == id(1))
    #expect(try tree.entry(at: decomposed)?.id == id(2))
    let single = VaultTree(rows: [file(1, composed)])
    #expect(try single.entry(at: decomposed)?.id == id(1))
    #expect(single.exactEntry(named: VaultName(decomposed), in: nil) == nil)
  }

  @Test func limitsNames() {
    let emoji = String(repeating: "\u{1f600}", count: 75)
    #expect(emoji.utf8.count == 300 && VaultName(emoji).problem == nil)
    #expect(VaultName(String(repeating: "\u{1f600}", count: 101)).problem != nil)
  }

  @Test func findsByPath() throws {
    let tree = VaultTree(rows: [folder(1, "a"), folder(2, "b", in: 1), file(3, "c", in: 2)])
    #expect(try tree.entry(at: "/a//b/./c/")?.id == id(3))
    #expect(try tree.entry(at: "")?.id == nil)
    #expect(throws: ReplicaError.notFound("a/c")) { try tree.entry(at: "a/c") }
    #expect(throws: ReplicaError.notFound("a/b/c/d")) { try tree.entry(at: "a/b/c/d") }
    #expect(throws: ReplicaError.notFound("../a")) { try tree.entry(at: "../a") }
    #expect(throws: ReplicaError.self) { try tree.file(at: "a") }
  }

  @Test func showsWhatCannotBeRead() {
    #expect(paths([file(1, nil)]) == ["unreadable-00000001"])
  }
}

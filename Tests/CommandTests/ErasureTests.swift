import CommandSupport
import Foundation
import Testing

/// What is deleted for good, with the real programs: `vault rm --forever`, `account delete`.
@Suite(.serialized) struct ErasureTests {
  private func withClinic(_ body: (Clinic) throws -> Void) throws {
    let clinic = try Clinic()
    let result = Result { try body(clinic) }
    try clinic.close()
    try result.get()
  }

  /// The names of the blobs in the server's data directory or a home.
  private func blobs(below folder: String) throws -> Set<String> {
    guard let found = FileManager.default.enumerator(atPath: folder + "/blobs") else { return [] }
    var names: Set<String> = []
    for case let path as String in found {
      let name = String(path.split(separator: "/").last?.prefix(64) ?? "")
      if name.count == 64 { names.insert(name) }
    }
    return names
  }

  private func pair(_ clinic: Clinic) throws -> (berg: Person, ann: Person) {
    let berg = try clinic.newcomer("Dr. Berg", "practitioner")
    let ann = try clinic.newcomer("Ann", "client")
    try clinic.admin.does(
      "assign", "--practitioner", berg.name, "--client", ann.name, "--can", "view,download")
    try sync(berg, ann)
    try berg.does("consent", "accept")
    try ann.does("consent", "approve")
    try sync(berg, ann, berg)
    for name in ["gone.txt", "kept.txt"] {
      try ann.does("vault", "add", try clinic.stage.file(name, "text of \(name)"))
      try ann.does("share", name, "--with", berg.name, "--can", "view,download")
    }
    try sync(ann, berg)
    return (berg, ann)
  }

  private func sync(_ people: Person...) throws {
    for person in people { try person.does("sync") }
  }

  @Test func aFileIsDeletedForGood() throws {
    try withClinic { clinic in
      let server = clinic.stage.folder.appending(path: "server").path
      let (berg, ann) = try pair(clinic)
      #expect(try berg.does("shared", "cat", "gone.txt") == "text of gone.txt")
      let before = try blobs(below: server)
      #expect(before.count == 2)
      #expect(try blobs(below: berg.home) == before)
      let removed = try ann.run("vault", "rm", "gone.txt", "--forever", expecting: 0)
      #expect(removed.out.contains("deleted gone.txt (files: 1, 1 shares revoked)"))
      #expect(removed.err.contains("the server destroys it with the next `satchel sync`"))
      #expect(try blobs(below: ann.home).count == 1)
      // Nothing has told the server yet.
      #expect(try blobs(below: server) == before)
      try ann.does("sync")
      let left = try blobs(below: server)
      #expect(left.count == 1 && left.isSubset(of: before))
      try berg.does("sync")
      #expect(try blobs(below: berg.home) == left)
      try berg.run("shared", "cat", "gone.txt", expecting: 3)
      #expect(try berg.does("shared", "cat", "kept.txt") == "text of kept.txt")
      try ann.run("vault", "cat", "gone.txt", expecting: 1)
      #expect(try ann.does("vault", "cat", "kept.txt") == "text of kept.txt")
    }
  }

  @Test func anAccountIsDeletedForGood() throws {
    try withClinic { clinic in
      let server = clinic.stage.folder.appending(path: "server").path
      let (berg, ann) = try pair(clinic)
      let other = try clinic.newcomer("Bea", "client")
      try other.does("vault", "add", try clinic.stage.file("hers.txt", "hers"))
      try other.does("sync")
      #expect(try blobs(below: server).count == 3)
      // Asked for by name, and nothing is done without it.
      let wrong = try ann.run("account", "delete", "--confirm", "Berg", expecting: 2)
      #expect(wrong.err.contains("nothing was deleted"))
      let silent = try ann.run("account", "delete", expecting: 2)
      #expect(silent.err.contains("type the account’s name") || silent.err.contains("Ann"))
      #expect(try ann.does("vault", "cat", "kept.txt") == "text of kept.txt")
      try clinic.admin.run("account", "delete", "--confirm", "Admin", expecting: 1)

      #expect(
        try ann.does("account", "delete", "--confirm", "Ann")
          .contains("the account is deleted, and this home with it"))
      #expect(!ann.hasHome)
      #expect(!FileManager.default.fileExists(atPath: ann.home + "/agent.sock"))
      #expect(try blobs(below: server).count == 1)
      // Who worked with her loses what was hers, and goes on.
      try berg.does("sync")
      #expect(try blobs(below: berg.home).isEmpty)
      try berg.run("shared", "cat", "kept.txt", expecting: 1)
      #expect(try berg.does("consent", "ls").contains("revoked"))
      try clinic.admin.does("sync")
      #expect(try other.does("vault", "cat", "hers.txt") == "hers")
      let checked = try clinic.stage.runServer("check", "--data", server)
      #expect(checked.exit == 0 || checked.err.contains("another process serves"))
    }
  }
}

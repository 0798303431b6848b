import CommandSupport
import Foundation
import Testing

/// Files of the vault for somebody who has no Satchel.
@Suite(.clinic, .serialized) struct ExportTests {
  private func client(_ name: String) throws -> (Person, folder: String) {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer(name, "client")
    try ann.does("vault", "add", clinic.stage.file("one.txt", "one\n"), "--to", "Letters/2026")
    try ann.does("vault", "add", clinic.stage.file("two.txt", "two\n"))
    return (ann, clinic.stage.folder.appending(path: "\(name)-out").path)
  }

  private func manifest(_ folder: String) throws -> [String: Any] {
    let bytes = try Data(contentsOf: URL(filePath: "\(folder)/satchel-export.json"))
    return try #require(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
  }

  @Test func plainFilesAndAListOfThem() throws {
    let (ann, out) = try client("Ann")
    let said = try ann.does("vault", "export", "--to", out)
    #expect(said.contains("\(out)/Letters/2026/one.txt  (4 B)"))
    #expect(
      try String(contentsOfFile: "\(out)/Letters/2026/one.txt", encoding: .utf8) == "one\n")
    let manifest = try manifest(out)
    #expect(manifest["format"] as? String == "satchel-export-1")
    #expect(manifest["complete"] as? Bool == true)
    let files = try #require(manifest["files"] as? [[String: Any]])
    #expect(files.compactMap { $0["path"] as? String } == ["Letters/2026/one.txt", "two.txt"])
    // Whoever has the list can check the files.
    for file in files {
      let (hash, name) = (file["blake2b"] as? String, file["name"] as? String)
      let sum = try ann.shell("cd '\(out)' && b2sum -l 256 '\(name ?? "")' | cut -d ' ' -f 1")
      #expect(sum.line == hash)
    }
    // Again, and again with another file in the way.
    try ann.does("vault", "export", "--to", out)
    try Data("mine\n".utf8).write(to: URL(filePath: "\(out)/two.txt"))
    let taken = try ann.run("vault", "export", "--to", out, expecting: 1)
    #expect(taken.err.contains("two.txt: there is a file already"))
    #expect(taken.err.contains("error: two.txt was not exported"))
    #expect(try String(contentsOfFile: "\(out)/two.txt", encoding: .utf8) == "mine\n")
    #expect(try self.manifest(out)["complete"] as? Bool == false)
    try ann.does("vault", "export", "--to", out, "--force")
    #expect(try self.manifest(out)["complete"] as? Bool == true)
    // Another export does not fit into the same folder.
    let other = try ann.run("vault", "export", "two.txt", "--to", out, expecting: 1)
    #expect(other.err.contains("holds another export"))
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/age"), "no age program"))
  func ageFilesThatAgeOpens() throws {
    let (ann, out) = try client("Ann Age")
    let key = try Clinic.current.stage.folder.appending(path: "export.key").path
    let theirs = try Clinic.current.stage.folder.appending(path: "export.theirs").path
    try ann.does("age", "keygen", "-o", key)
    #expect(try ann.shell("age-keygen -o '\(theirs)'").exit == 0)
    let recipients = try [key, theirs].map { try ann.does("age", "keygen", "-y", $0) }
    try ann.does(
      "vault", "export", "--to", out, "--age", "--recipient", recipients[0], "-r", recipients[1])
    let opened = try ann.shell(
      """
      cd '\(out)' && age -d -i '\(theirs)' Letters/2026/one.txt.age && age -d -i '\(key)' two.txt.age &&
      satchel age decrypt -i '\(theirs)' two.txt.age
      """)
    #expect(opened.out == "one\ntwo\ntwo\n", "\(opened.transcript)")
    // The list has the hash of the payload at the end of the file.
    for file in try #require(try manifest(out)["files"] as? [[String: Any]]) {
      let sum = try ann.shell(
        """
        tail -c \(file["hashed_length"] as? Int ?? 0) '\(out)/\(file["name"] as? String ?? "")' |
        b2sum -l 256 | cut -d ' ' -f 1
        """)
      #expect(sum.line == file["blake2b"] as? String)
    }
  }

  @Test func missingBlobsAreNamed() throws {
    let (ann, out) = try client("Ann Misses")
    let blob = try ann.shell("find '\(ann.home)/blobs' -type f | sort | head -n 1").line
    try FileManager.default.removeItem(atPath: blob)
    let outcome = try ann.run("vault", "export", "--to", out, expecting: 1)
    #expect(outcome.err.contains("missing blobs \(URL(filePath: blob).lastPathComponent)"))
    #expect(outcome.err.contains("hint: run `satchel sync`"))
    let manifest = try manifest(out)
    #expect((manifest["files"] as? [Any])?.count == 1)
    let leftOut = try #require(manifest["left_out"] as? [[String: Any]])
    #expect(leftOut.first?["missing_blobs"] as? [String] == [URL(filePath: blob).lastPathComponent])
    // Nobody else has it before it was sent; with the file gone from the vault the export is whole.
    #expect(manifest["complete"] as? Bool == false)
  }

  @Test func commandLinesThatDoNotFit() throws {
    let (ann, out) = try client("Ann Types")
    for words in [
      ["vault", "export"], ["vault", "export", "--to", out, "--age"],
      ["vault", "export", "--to", out, "--recipient", "age1x"],
    ] {
      #expect(try ann.run(typed: words).exit == 2)
    }
    try ann.run("vault", "export", "nowhere.txt", "--to", out, expecting: 1)
    #expect(!FileManager.default.fileExists(atPath: out))
  }
}

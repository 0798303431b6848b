import CommandSupport
import Foundation
import Testing

/// `audit evidence`: what there is to say of it without a server that lies.
@Suite(.clinic, .serialized) struct EvidenceTests {
  @Test func anHonestServerLeavesNone() throws {
    let admin = try Clinic.current.admin
    try admin.does("sync")
    let list = try admin.run("audit", "evidence", "ls", expecting: 0)
    #expect(list.err.contains("there is none"))
    let json = try admin.does("audit", "evidence", "ls", "--json")
    #expect(json == "[]")
    let none = try admin.run("audit", "evidence", "show", "1", expecting: 1)
    #expect(none.err.contains("there is no evidence 1"))
    let path = admin.home + "/../evidence"
    let export = try admin.run(
      "audit", "evidence", "export", "--all", "--to", path, expecting: 1)
    #expect(export.err.contains("there is no evidence"))
    #expect(!FileManager.default.fileExists(atPath: path))
    try admin.run("audit", "evidence", "export", "--to", path, expecting: 2)
    try admin.run("audit", "evidence", "export", "1", "--all", "--to", path, expecting: 2)
    // The log of what was done with files is another thing.
    try admin.does("audit")
  }

  @Test func aFileIsCheckedWithoutAHome() throws {
    try withStage { stage in
      let ann = try stage.person("ann")
      let path = try stage.file("other", "not evidence")
      let other = try ann.run("audit", "evidence", "verify", path, expecting: 1)
      #expect(other.err.contains("is no file of evidence"))
      let missing = try ann.run("audit", "evidence", "verify", path + "x", expecting: 1)
      #expect(missing.err.contains("cannot be read"))
      #expect(!ann.hasHome)
    }
  }
}

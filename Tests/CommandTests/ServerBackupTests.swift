import CommandSupport
import Foundation
import Testing

/// `satchel-server backup` and `restore`, with what devices have since.
@Suite struct ServerBackupTests {
  @Test func whatCameAfterTheBackupComesBack() throws {
    let clinic = try Clinic()
    let stage = clinic.stage
    let data = stage.folder.appending(path: "server").path
    let backup = stage.folder.appending(path: "backup").path
    let berg = try clinic.newcomer("Dr. Berg", "practitioner")
    // The server serves on.
    let saved = try stage.runServer("backup", "--data", data, "--to", backup)
    #expect(saved.exit == 0)
    let ann = try clinic.newcomer("Ann", "client")
    try clinic.admin.does("assign", "--practitioner", berg.name, "--client", ann.name)
    try berg.does("sync")
    try ann.does("sync")
    let busy = try stage.runServer("restore", "--data", data, "--from", backup, "--yes")
    #expect(busy.exit != 0)
    #expect(busy.err.contains("another process serves"))

    try clinic.server.stop()
    let asked = try stage.runServer("restore", "--data", data, "--from", backup)
    #expect(asked.exit == 5)
    #expect(asked.err.contains("1 accounts that are here"))
    #expect(asked.err.contains("hint: restore all the same with --yes"))
    let restored = try stage.runServer("restore", "--data", data, "--from", backup, "--yes")
    #expect(restored.exit == 0)

    // Ann's account is not in the backup: her device brings it back, with all that it has.
    let server = try TestServer(on: stage)
    let told = try ann.does("sync", "--server", server.url)
    #expect(told.contains("the server was restored from a backup"))
    for person in [clinic.admin, berg, ann] { try person.does("sync", "--server", server.url) }
    try ann.does("consent", "approve", "--can", "view")
    try berg.does("consent", "accept")
    for person in [ann, berg, ann] { try person.does("sync") }
    #expect(try ann.does("consent", "ls").contains("active"))
    try server.stop()
    try stage.close()
  }

  /// Whoever copies the directory by hand is told what that means.
  @Test func theOperatorIsToldOfACopy() throws {
    try withStage { stage in
      _ = try TestServer.initialize(on: stage)
      let first = try TestServer(on: stage).stop()
      #expect(!first.err.contains("copy"), "\(first.transcript)")
      let again = try TestServer(on: stage).stop()
      #expect(!again.err.contains("copy"), "\(again.transcript)")
      let folder = stage.folder
      try FileManager.default.copyItem(
        at: folder.appending(path: "server"), to: folder.appending(path: "other"))
      let copied = try TestServer("other", on: stage).stop()
      #expect(copied.err.contains("warning: the data directory is not as this server left it"))
      #expect(copied.err.contains("incarnation"))
      // Once.
      #expect(try !TestServer("other", on: stage).stop().err.contains("incarnation"))
    }
  }

  @Test func aBackupNeedsAServer() throws {
    try withStage { stage in
      let nothing = stage.folder.appending(path: "nothing").path
      let target = stage.folder.appending(path: "target").path
      let saved = try stage.runServer("backup", "--data", nothing, "--to", target)
      #expect(saved.exit == 1)
      let restored = try stage.runServer("restore", "--data", target, "--from", nothing)
      #expect(restored.exit == 1)
      #expect(try stage.runServer("backup", "--data", nothing).exit == 2)
    }
  }
}
